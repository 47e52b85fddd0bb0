#!/usr/bin/env node
import { basename } from 'node:path';
import { launch } from './launch.ts';

const [, script = '', ...args] = process.argv;
process.exit(await launch(args, basename(script)));
