// `npm start`: makes the checkout runnable, then runs `keelson up` in this very process.
import process from 'node:process';
import './ensure.mjs';

// A signal sent to npm ends npm's shell, which does not pass it on: when the parent is gone, stop as if it had come here.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  process.kill(process.pid, 'SIGTERM');
}, 500);
watch.unref();

const { launch } = await import('../dist/cli/launch.js');
process.exit(await launch(['up', ...process.argv.slice(2)]));
