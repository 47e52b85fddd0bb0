// Imports run down only. Every room names the rooms that it may import; files may not import in a circle; pure rooms import nothing but
// pure rooms. The tables here are the ones that ARCHITECTURE.md draws.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Room -> rooms it may import (itself always). A longer name wins: `storage/wal` before `storage`. */
const MAY_IMPORT = {
  base: [],
  io: ['base'],
  proto: ['base'],
  http2: ['base'],
  raft: ['base'],
  'storage/lease': ['base', 'proto'],
  'storage/auth': ['base', 'proto'],
  'storage/mvcc': ['base', 'proto', 'storage/lease'],
  'storage/backend': ['base', 'io'],
  'storage/wal': ['base', 'io', 'raft'],
  'storage/snapshots': ['base', 'io', 'raft', 'storage/backend'],
  'storage/machine': ['base', 'proto', 'raft', 'storage/mvcc', 'storage/lease', 'storage/auth', 'storage/backend'],
  'storage/etcd-file': [
    'base',
    'io',
    'proto',
    'raft',
    'storage/backend',
    'storage/mvcc',
    'storage/lease',
    'storage/machine',
  ],
  watch: ['base', 'proto'],
  client: ['base', 'proto', 'http2'],
  member: ['base', 'io', 'proto', 'raft', 'storage', 'watch', 'client'],
  rpc: ['base', 'io', 'proto', 'http2', 'client'],
  apiserver: ['base', 'proto', 'http2', 'client'],
  chaos: ['base', 'io', 'proto', 'raft', 'storage', 'watch', 'client', 'member'],
  cli: ['base', 'io', 'proto', 'raft', 'storage', 'watch', 'client', 'member', 'rpc', 'apiserver'],
  'chaos/cluster': ['base', 'io', 'proto', 'storage', 'client', 'member', 'apiserver', 'cli', 'chaos'],
  'test/kit': ['base', 'proto', 'client'],
  bench: ['base', 'io', 'proto', 'http2', 'client', 'rpc', 'test/kit'],
  test: [
    'test/kit',
    'base',
    'io',
    'proto',
    'http2',
    'raft',
    'storage',
    'watch',
    'client',
    'member',
    'rpc',
    'apiserver',
    'cli',
    'chaos',
    'bench',
  ],
};

const PURE = ['base', 'proto', 'raft', 'storage/lease', 'storage/auth', 'storage/mvcc', 'storage/machine', 'watch'];

/** The floors of the API server, from the ground up: a room imports only its own floor's number or lower. */
const APISERVER_FLOORS = [
  ['errors.ts', 'request.ts', 'limits.ts', 'scheme'],
  ['selectors', 'patch', 'pki', 'printers'],
  ['registry/definition.ts', 'registry/catalog.ts'],
  ['resources', 'store'],
  ['cache'],
  ['admission/plugin.ts', 'registry'],
  ['authn', 'authz', 'admission', 'crd'],
  ['controllers'],
  ['discovery', 'openapi'],
  ['handlers'],
  ['filters'],
  ['http'],
  ['lookup.ts', 'version.ts', 'server.ts'],
];

const roomOf = (path) =>
  Object.keys(MAY_IMPORT)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];

const floorOf = (path) => {
  const inside = path.slice('apiserver/'.length);
  let best = { length: -1, floor: -1 };
  APISERVER_FLOORS.forEach((names, floor) => {
    for (const name of names) {
      if ((inside === name || inside.startsWith(`${name}/`)) && name.length > best.length)
        best = { length: name.length, floor };
    }
  });
  return best.floor;
};

function sources(root) {
  const found = [];
  const visit = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else if (entry.name.endsWith('.ts')) found.push(path);
    }
  };
  for (const room of new Set(Object.keys(MAY_IMPORT).map((name) => name.split('/')[0])))
    if (existsSync(join(root, room))) visit(room);
  return found;
}

const IMPORT = /^\s*(?:import|export)\s+(?:(type)\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;

function importsOf(root, file) {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(IMPORT)].map(([, type, target]) => ({
    typeOnly: type === 'type',
    target: target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target,
    local: target.startsWith('.'),
  }));
}

function cycles(graph) {
  const state = new Map();
  const found = [];
  const visit = (file, path) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push(`circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

/** Every import that runs up, every circle, every impurity: one line each. */
export function checkLayers(root) {
  const problems = [];
  const graph = new Map();
  for (const file of sources(root)) {
    const room = roomOf(file);
    const imports = importsOf(root, file);
    graph.set(
      file,
      imports.filter((i) => i.local && !i.typeOnly).map((i) => i.target),
    );
    for (const { target, local } of imports) {
      if (!local) {
        if (PURE.includes(room)) problems.push(`${file}: a pure room imports ${target}`);
        continue;
      }
      if (!existsSync(join(root, target))) problems.push(`${file}: imports ${target}, which is not there`);
      const to = roomOf(target);
      if (room === undefined) {
        problems.push(`${file}: no room of tools/layers.mjs holds it`);
        break;
      }
      const allowed = to === room || MAY_IMPORT[room].some((name) => to === name || to?.startsWith(`${name}/`));
      if (!allowed) problems.push(`${file}: ${room} may not import ${to ?? target}`);
      if (room === 'apiserver' && to === 'apiserver') {
        const [from, dest] = [floorOf(file), floorOf(target)];
        if (from < 0) problems.push(`${file}: no floor of the API server names it (tools/layers.mjs)`);
        else if (dest > from) problems.push(`${file}: imports upwards ${target}`);
      }
    }
  }
  return [...problems, ...cycles(graph)];
}
