import type { JsonObject } from './scheme/json.ts';

/** The Kubernetes minor release whose API is spoken. */
const MAJOR = '1';
const MINOR = '36';

/** GET /version. major and minor are plain integers: clients compute with them. */
export function versionDocument(): JsonObject {
  return {
    major: MAJOR,
    minor: MINOR,
    gitVersion: `v${MAJOR}.${MINOR}.0+keelson`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
