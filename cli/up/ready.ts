import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { UP_LIMITS } from './limits.ts';

/** Asks `url` until it answers 200. Errors: what it last said, when `signal` aborts. */
export async function untilReady(url: string, signal: AbortSignal, ca?: string): Promise<void> {
  let last = 'no answer';
  while (!signal.aborted) {
    last = await ask(url, ca);
    if (last === '') return;
    await pause(UP_LIMITS.askMs);
  }
  throw new NotReady(`${url} is not ready: ${last}`);
}

export class NotReady extends Error {
  override readonly name = 'NotReady';
}

/** '' when the answer is 200; otherwise what is wrong. */
function ask(url: string, ca: string | undefined): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: 2_000, agent: false, ...(ca === undefined ? {} : { ca }) };
    const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        if (body.length < 2_000) body += text;
      });
      response.on('end', () => resolve(response.statusCode === 200 ? '' : `${response.statusCode} ${body.trim()}`));
      response.on('error', (error) => resolve(error.message));
    });
    request.on('timeout', () => request.destroy(new NotReady('no answer in time')));
    request.on('error', (error) => resolve(error.message));
    request.end();
  });
}
