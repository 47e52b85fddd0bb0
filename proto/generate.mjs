// Writes gen/*.ts from the field tables (*.proto): for every message an interface, an empty value, encodeX/decodeX for whole
// messages and writeX/readX for nested ones; for every service the table of its methods. The public API's tables also become
// gen/etcd-json.ts: the same fields and methods as data, for the mapping between JSON and the wire.
// `node proto/generate.mjs` writes; with --check it only tells which files are stale and exits 1.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const folder = dirname(fileURLToPath(import.meta.url));

/** Which tables make which file. A table that is not there is left out. */
const OUTPUTS = {
  'gen/etcd.ts': ['kv.proto', 'auth.proto', 'rpc.proto', 'lock.proto', 'election.proto', 'health.proto'],
  'gen/peer.ts': ['peer.proto'],
  'gen/command.ts': ['command.proto'],
};

/** The file whose messages have JSON, and where their fields go as data. */
const JSON_OF = 'gen/etcd.ts';
const JSON_OUTPUT = 'gen/etcd-json.ts';

/** How the scalar types look: TypeScript type, empty value, when a value is not empty, reader and writer method. */
const SCALARS = {
  bool: { type: 'boolean', empty: 'false', set: (v) => v, read: 'bool', write: 'bool', wire: 0 },
  int32: {
    type: 'number',
    empty: '0',
    set: (v) => `${v} !== 0`,
    read: 'int32',
    write: 'int32',
    wire: 0,
    packed: 'packedInt32',
  },
  uint32: { type: 'number', empty: '0', set: (v) => `${v} !== 0`, read: 'uint32', write: 'uint32', wire: 0 },
  int64: {
    type: 'number',
    empty: '0',
    set: (v) => `${v} !== 0`,
    read: 'int64',
    write: 'int64',
    wire: 0,
    packed: 'packedInt64',
  },
  uint64: {
    type: 'number',
    empty: '0',
    set: (v) => `${v} !== 0`,
    read: 'uint64',
    write: 'uint64',
    wire: 0,
    packed: 'packedInt64',
  },
  'int64 id': {
    type: 'bigint',
    empty: '0n',
    set: (v) => `${v} !== 0n`,
    read: 'int64Big',
    write: 'bigint',
    wire: 0,
    packed: 'packedBigint',
  },
  'uint64 id': {
    type: 'bigint',
    empty: '0n',
    set: (v) => `${v} !== 0n`,
    read: 'uint64Big',
    write: 'bigint',
    wire: 0,
    packed: 'packedBigint',
  },
  string: { type: 'string', empty: "''", set: (v) => `${v} !== ''`, read: 'text', write: 'text', wire: 2 },
  bytes: {
    type: 'Uint8Array',
    empty: 'EMPTY_BYTES',
    set: (v) => `${v}.length !== 0`,
    read: 'bytes',
    write: 'bytes',
    wire: 2,
  },
  'bytes key': {
    type: 'string',
    empty: "''",
    set: (v) => `${v} !== ''`,
    read: 'byteString',
    write: 'byteString',
    wire: 2,
  },
};

main(process.argv.includes('--check'));

function main(checkOnly) {
  const types = new Map();
  const files = [];
  for (const [output, tables] of Object.entries(OUTPUTS)) {
    const file = {
      output,
      tables: tables.filter((table) => existsSync(join(folder, table))),
      messages: [],
      enums: [],
      services: [],
    };
    if (file.tables.length === 0) continue;
    for (const table of file.tables) collect(file, parse(table), types);
    files.push(file);
  }
  const texts = files.map((file) => [file.output, emitFile(file, types)]);
  for (const file of files) {
    if (file.output === JSON_OF) texts.push([JSON_OUTPUT, emitJson(file, types)]);
  }
  const stale = [];
  for (const [output, text] of texts) {
    const path = join(folder, output);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    stale.push(`proto/${output}`);
    if (checkOnly) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  if (!checkOnly || stale.length === 0) return;
  console.error(`stale: ${stale.join(', ')} (run: node proto/generate.mjs)`);
  process.exitCode = 1;
}

function parse(table) {
  const root = new protobuf.Root();
  const { package: packageName } = protobuf.parse(readFileSync(join(folder, table), 'utf8'), root, { keepCase: true });
  return { packageName, scope: packageName ? root.lookup(packageName) : root };
}

/** Flattens messages, enums and services of one table; names are unique over all tables of all files. */
function collect(file, { packageName, scope }, types) {
  const visit = (item) => {
    if (item instanceof protobuf.Service) file.services.push({ packageName, item });
    if (!(item instanceof protobuf.Type || item instanceof protobuf.Enum)) return;
    const known = types.get(item.name);
    if (known) throw new Error(`${item.name} is in ${known.output} and again in ${file.output}`);
    types.set(item.name, { output: file.output, isEnum: item instanceof protobuf.Enum });
    if (item instanceof protobuf.Enum) file.enums.push(item);
    else {
      file.messages.push(item);
      item.nestedArray.forEach(visit);
    }
  };
  scope.nestedArray.forEach(visit);
}

function emitFile(file, types) {
  const parts = [...file.enums.map(emitEnum)];
  const foreign = new Map();
  const use = (name) => {
    const { output } = types.get(name);
    if (output !== file.output) foreign.set(name, output);
  };
  for (const message of file.messages) parts.push(emitMessage(message, types, use));
  for (const service of file.services) parts.push(emitService(service));
  const body = parts.join('\n\n');
  const lines = [`// Written by proto/generate.mjs from ${file.tables.join(', ')}; change those.`, ''];
  if (body.includes('EMPTY_BYTES')) lines.push(`import { EMPTY_BYTES } from '../../base/bytes.ts';`);
  const wire = ['bulkOf', 'decode', 'encode', 'encodeBulk'].filter((helper) => body.includes(`${helper}(`));
  lines.push(`import { ${wire.join(', ')}, type Reader, type Writer } from '../wire.ts';`);
  if (file.services.length !== 0) lines.push(`import type { Method } from '../method.ts';`);
  for (const output of new Set(foreign.values())) {
    const names = [...foreign]
      .filter(([, from]) => from === output)
      .flatMap(([name]) => [`read${name}`, `type ${name}`, `write${name}`]);
    lines.push(`import {\n${names.map((name) => `  ${name},\n`).join('')}} from './${output.replace('gen/', '')}';`);
  }
  return `${lines.join('\n')}\n\n${body}\n`;
}

function emitEnum(item) {
  const values = Object.entries(item.values).map(([name, value]) => `${name}: ${value}`);
  return `export const ${item.name} = { ${values.join(', ')} } as const;`;
}

function emitService({ packageName, item }) {
  const name = `${packageName}.${item.name}`;
  const methods = item.methodsArray.map((method) => {
    const request = method.requestType.split('.').at(-1);
    const response = method.responseType.split('.').at(-1);
    const type = `Method<${request}, ${response}>`;
    return [
      `const ${item.name}${method.name}: ${type} = {`,
      `  path: '/${name}/${method.name}',`,
      `  requestStream: ${!!method.requestStream},`,
      `  responseStream: ${!!method.responseStream},`,
      `  encodeRequest: encode${request},`,
      `  decodeRequest: decode${request},`,
      `  encodeResponse: encode${response},`,
      `  decodeResponse: decode${response},`,
      `};`,
    ].join('\n');
  });
  const rows = item.methodsArray.map((method) => `  ${method.name}: ${item.name}${method.name},`).join('\n');
  return `${methods.join('\n')}\n/** The methods of the service ${name}. */\nexport const ${item.name}Service = {\n${rows}\n} as const;`;
}

function emitMessage(message, types, use) {
  const name = message.name;
  const fields = message.fieldsArray.map((field) => describe(field, types, use));
  const members = membersOf(fields);
  const numbers = fields.map((field) => field.number).join(', ');
  const known = `KNOWN_${constantCase(name)}`;
  const unused = members.length === 0 ? '_' : '';
  return [
    members.length === 0
      ? `export interface ${name} {}`
      : `export interface ${name} {\n${members.map((member) => `  readonly ${member.name}:${member.type.startsWith('\n') ? '' : ' '}${member.type};`).join('\n')}\n}`,
    `export const EMPTY_${constantCase(name)}: ${name} = { ${members.map((m) => `${m.name}: ${m.empty}`).join(', ')} };`,
    emitEncode(name, fields),
    `export function decode${name}(bytes: Uint8Array): ${name} {\n  return decode(bytes, read${name});\n}`,
    `export function write${name}(${unused}w: Writer, ${unused}m: ${name}): void {\n${members.map((m) => m.write).join('')}}`,
    `const ${known}: ReadonlySet<number> = new Set([${numbers}]);`,
    emitRead(name, members, fields, known),
  ].join('\n');
}

function emitEncode(name, fields) {
  const bulk = fields.filter((field) => field.bulk).map((field) => `bulkOf(message.${field.name})`);
  const call =
    bulk.length === 0 ? `encode(message, write${name})` : `encodeBulk(message, write${name}, ${bulk.join(' + ')})`;
  return `export function encode${name}(message: ${name}): Uint8Array {\n  return ${call};\n}`;
}

function emitRead(name, members, fields, known) {
  if (members.length === 0) {
    return `export function read${name}(r: Reader): ${name} {\n  while (r.more()) r.skip(r.tag(), '${name}', ${known});\n  return {};\n}`;
  }
  const locals = members.map((m) => `  ${m.local}\n`).join('');
  const cases = fields.map((field) => field.readCase).join('');
  const fill = members.map((m) => m.name).join(', ');
  return (
    `export function read${name}(r: Reader): ${name} {\n${locals}` +
    `  while (r.more()) {\n    const tag = r.tag();\n    switch (tag) {\n${cases}` +
    `      default:\n        r.skip(tag, '${name}', ${known});\n    }\n  }\n  return { ${fill} };\n}`
  );
}

/** The properties of the interface in the order of the table: plain fields, and one for each oneof. */
function membersOf(fields) {
  const members = [];
  const seen = new Set();
  for (const field of fields) {
    if (!field.oneof) members.push(field);
    else if (!seen.has(field.oneof)) {
      seen.add(field.oneof);
      members.push(
        oneofMember(
          camelCase(field.oneof),
          fields.filter((other) => other.oneof === field.oneof),
        ),
      );
    }
  }
  return members;
}

function oneofMember(name, fields) {
  const type = `${fields.map((f) => `\n    | { readonly case: '${f.name}'; readonly ${f.name}: ${f.valueType} }`).join('')}\n    | undefined`;
  const cases = fields
    .map((f) => `    case '${f.name}': {\n${f.writeValue(`m.${name}.${f.name}`, '      ')}      break;\n    }\n`)
    .join('');
  return {
    name,
    type,
    empty: 'undefined',
    local: `let ${name}: ${fields[0].message}['${name}'];`,
    write: `  switch (m.${name}?.case) {\n${cases}    case undefined:\n  }\n`,
  };
}

function describe(field, types, use) {
  const name = camelCase(field.name);
  const as = field.options?.['(as)'];
  const value = codingOf(field, as, types, use);
  const number = field.id;
  const tag = number * 8 + value.wire;
  const writeValue = (from, indent) => value.write(tag, from, indent);
  const common = {
    name,
    number,
    valueType: value.type,
    writeValue,
    oneof: field.partOf?.name,
    message: field.parent.name,
  };
  if (field.partOf) {
    const target = (read) => `${camelCase(field.partOf.name)} = { case: '${name}', ${name}: ${read} };`;
    return { ...common, readCase: value.readCase(tag, target) };
  }
  if (field.repeated) {
    return { ...common, ...repeatedField(name, number, tag, value), bulk: value.type === 'Uint8Array' };
  }
  const optional = value.empty === 'undefined';
  const type = optional ? `${value.type} | undefined` : value.type;
  return {
    ...common,
    type,
    empty: value.empty,
    local: optional
      ? `let ${name}: ${type};`
      : `let ${name}${value.empty === 'EMPTY_BYTES' ? ': Uint8Array' : ''} = ${value.empty};`,
    write: guarded(value.set(`m.${name}`), value.write(tag, `m.${name}`, '    ')),
    readCase: value.readCase(tag, (read) => `${name} = ${read};`),
  };
}

function guarded(condition, statements) {
  const lines = statements.trimEnd().split('\n');
  if (lines.length === 1) return `  if (${condition}) ${lines[0].trim()}\n`;
  return `  if (${condition}) {\n${statements}  }\n`;
}

/** Numbers are written packed, and read packed or one by one; everything else is one field per element. */
function repeatedField(name, number, tag, value) {
  const add = (read) => `${name}.push(${read});`;
  const packedTag = number * 8 + 2;
  let readCase = value.readCase(tag, add);
  let write = `  for (const item of m.${name}) {\n${value.write(tag, 'item', '    ')}  }\n`;
  if (value.packed) {
    readCase +=
      `      case ${packedTag}: {\n        const outer = r.enter();\n` +
      `        while (r.more()) ${name}.push(r.${value.read}());\n        r.leave(outer);\n        break;\n      }\n`;
    write =
      `  if (m.${name}.length !== 0) {\n    const start = w.open(${packedTag});\n` +
      `    for (const item of m.${name}) w.${value.packed}(item);\n    w.close(start);\n  }\n`;
  } else if (value.wire === 0) throw new Error(`${name}: a repeated field of this type is not supported`);
  return {
    type: `readonly ${value.type}[]`,
    empty: '[]',
    local: `const ${name}: ${value.type}[] = [];`,
    write,
    readCase,
  };
}

function codingOf(field, as, types, use) {
  const typeName = field.type.split('.').at(-1);
  const scalar = SCALARS[as === 'key' || as === 'id' ? `${field.type} ${as}` : field.type];
  if (scalar) return scalarValue(scalar);
  if (as === 'encoded') {
    return { ...scalarValue(SCALARS.bytes), empty: 'undefined', set: (v) => `${v} !== undefined` };
  }
  const known = types.get(typeName);
  if (!known) throw new Error(`${field.parent.name}.${field.name}: ${field.type} is not known or not supported`);
  if (known.isEnum) return scalarValue(SCALARS.int32);
  use(typeName);
  return messageValue(typeName);
}

function scalarValue(scalar) {
  return {
    ...scalar,
    write: (tag, from, indent) => `${indent}w.${scalar.write}(${tag}, ${from});\n`,
    readCase: (tag, target) => `      case ${tag}:\n        ${target(`r.${scalar.read}()`)}\n        break;\n`,
  };
}

function messageValue(typeName) {
  return {
    type: typeName,
    empty: 'undefined',
    wire: 2,
    set: (v) => `${v} !== undefined`,
    write: (tag, from, indent) =>
      `${indent}const start = w.open(${tag});\n${indent}write${typeName}(w, ${from});\n${indent}w.close(start);\n`,
    readCase: (tag, target) =>
      `      case ${tag}: {\n        const outer = r.enter();\n        ${target(`read${typeName}(r)`)}\n        r.leave(outer);\n        break;\n      }\n`,
  };
}

/** `range_end` is rangeEnd; names that etcd writes in camel case already (`peerURLs`, `TTL`) stay. */
function camelCase(name) {
  return name.replace(/_([a-zA-Z])/g, (_, letter) => letter.toUpperCase());
}

function constantCase(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toUpperCase();
}

function emitJson(file, types) {
  const enums = file.enums.map((item) => `  ${item.name},\n`).join('');
  const messages = file.messages
    .map((message) => {
      const rows = message.fieldsArray.map((field) => `    ${jsonField(field, types)},\n`).join('');
      return `  ${message.name}: [${rows && `\n${rows}  `}],\n`;
    })
    .join('');
  const methods = file.services.flatMap(({ packageName, item }) =>
    item.methodsArray.flatMap((method) => {
      const post = method.options?.['(post)'];
      return post === undefined ? [] : [`  ${jsonMethod(`${packageName}.${item.name}`, method, post)},\n`];
    }),
  );
  return [
    `// Written by proto/generate.mjs from ${file.tables.join(', ')}; change those.`,
    '',
    `import type { JsonEnums, JsonMessages, JsonMethod } from '../json-fields.ts';`,
    `import {\n${enums}} from './${JSON_OF.replace('gen/', '')}';`,
    '',
    `/** The enums of the public API. */\nexport const JSON_ENUMS: JsonEnums = {\n${enums}};`,
    '',
    `/** The messages of the public API. */\nexport const JSON_MESSAGES: JsonMessages = {\n${messages}};`,
    '',
    `/** The methods of the public API that HTTP serves, too. */\nexport const JSON_METHODS: readonly JsonMethod[] = [\n${methods.join('')}];`,
    '',
  ].join('\n');
}

function jsonField(field, types) {
  const typeName = field.type.split('.').at(-1);
  const known = types.get(typeName);
  const parts = [`number: ${field.id}`, `name: '${field.name}'`];
  if (known) parts.push(`type: '${known.isEnum ? 'enum' : 'message'}'`, `of: '${typeName}'`);
  else parts.push(`type: '${field.type}'`);
  if (field.repeated) parts.push('repeated: true');
  if (field.partOf) parts.push(`oneof: '${field.partOf.fullName.replace(/^\./, '')}'`);
  return `{ ${parts.join(', ')} }`;
}

function jsonMethod(service, method, post) {
  const paths = post.split(' ').map((path) => `'${path}'`);
  const [request, response] = [method.requestType, method.responseType].map((type) => type.split('.').at(-1));
  return `{ path: '/${service}/${method.name}', post: [${paths.join(', ')}], request: '${request}', response: '${response}' }`;
}
