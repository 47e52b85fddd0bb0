import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

/**
 * Loaded into a member before its own code (`node --import`): SIGUSR2 begins a profile of the CPU (V8's), the next one ends it and leaves
 * `<pid>-<count>.cpuprofile` in the folder that this module's URL names. Between two profiles it costs nothing.
 */
const folder = new URL(import.meta.url).searchParams.get('folder') ?? '.';

/** The default of V8's own --cpu-prof. */
const SAMPLE_US = 1000;

let session: Session | undefined;
let count = 0;

process.on('SIGUSR2', () => {
  if (session === undefined) session = begun();
  else {
    end(session);
    session = undefined;
  }
});

function begun(): Session {
  const opened = new Session();
  opened.connect();
  opened.post('Profiler.enable');
  opened.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
  opened.post('Profiler.start');
  return opened;
}

function end(running: Session): void {
  const path = join(folder, `${process.pid}-${count++}.cpuprofile`);
  running.post('Profiler.stop', (error, { profile }) => {
    running.post('Profiler.disable');
    running.disconnect();
    if (error !== null) return;
    writeFileSync(`${path}.tmp`, JSON.stringify(profile));
    renameSync(`${path}.tmp`, path); // who waits for the file finds it whole
  });
}
