import { isIP, isIPv4, isIPv6 } from 'node:net';
import { dns1123Label, dns1123Subdomain } from './names.ts';

/** True for formats that Kubernetes does not know: they are no rule. Source: apiextensions supported formats, go strfmt. */
export function formatAccepts(format: string, value: string): boolean {
  const accepts = FORMATS[format.replace(/-/g, '')] ?? FORMATS[format];
  return accepts === undefined || accepts(value);
}

const pattern =
  (regex: RegExp) =>
  (value: string): boolean =>
    regex.test(value);

const uuid = (version: string): ((value: string) => boolean) =>
  pattern(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i'));

/** Names without dashes: Kubernetes takes `date-time` and `datetime` for one. */
const FORMATS: Readonly<Record<string, (value: string) => boolean>> = {
  bsonobjectid: pattern(/^[0-9a-f]{24}$/i),
  byte: pattern(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/),
  cidr: isCidr,
  creditcard: isCreditCard,
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(value) && isDay(value),
  datetime: isMoment,
  duration: pattern(/^-?(?:\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|s|m|h|d|w|second|minute|hour|day|week)s?\s*)+$/),
  email: pattern(/^[^\s@<>]+@[^\s@<>]+$/),
  hexcolor: pattern(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  hostname: (value) =>
    value.length <= 253 &&
    /^(?:[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*\.?$/.test(
      value,
    ),
  ipv4: isIPv4,
  ipv6: isIPv6,
  isbn: (value) => isIsbn10(value) || isIsbn13(value),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  k8slongname: (value) => dns1123Subdomain(value).length === 0,
  k8sshortname: (value) => dns1123Label(value).length === 0,
  mac: pattern(/^(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i),
  password: () => true,
  rgbcolor: pattern(/^rgb\(\s*(?:25[0-5]|2[0-4]\d|1?\d?\d)\s*(?:,\s*(?:25[0-5]|2[0-4]\d|1?\d?\d)\s*){2}\)$/),
  ssn: pattern(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: isUri,
  uuid: uuid('[0-9a-f]'),
  uuid3: uuid('3'),
  uuid4: uuid('4'),
  uuid5: uuid('5'),
};

function isCidr(value: string): boolean {
  const slash = value.indexOf('/');
  if (slash < 0 || !/^\d{1,3}$/.test(value.slice(slash + 1))) return false;
  const version = isIP(value.slice(0, slash));
  return version !== 0 && Number(value.slice(slash + 1)) <= (version === 4 ? 32 : 128);
}

const isDay = (value: string): boolean => {
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value);
};

function isMoment(value: string): boolean {
  const parts = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)?$/.exec(value);
  if (parts === null || !isDay(parts[1] as string)) return false;
  return Number(parts[2]) < 24 && Number(parts[3]) < 60 && Number(parts[4]) <= 60;
}

function isUri(value: string): boolean {
  if (value === '' || /[\s<>"{}|\\^`]/.test(value)) return false;
  return value.startsWith('/') || /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(value);
}

const digitsOf = (value: string): readonly number[] => [...value.replace(/[- ]/g, '')].map(Number);

function isCreditCard(value: string): boolean {
  if (!/^[\d -]{13,23}$/.test(value)) return false;
  const sum = [...digitsOf(value)].reverse().reduce((total, digit, i) => {
    const weighted = i % 2 === 1 ? digit * 2 : digit;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return sum % 10 === 0;
}

function isIsbn10(value: string): boolean {
  const compact = value.replace(/[- ]/g, '');
  if (!/^\d{9}[\dX]$/.test(compact)) return false;
  const sum = [...compact].reduce((total, char, i) => total + (10 - i) * (char === 'X' ? 10 : Number(char)), 0);
  return sum % 11 === 0;
}

function isIsbn13(value: string): boolean {
  const compact = value.replace(/[- ]/g, '');
  if (!/^97[89]\d{10}$/.test(compact)) return false;
  return digitsOf(compact).reduce((total, digit, i) => total + digit * (i % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}
