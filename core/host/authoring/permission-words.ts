import type { Permissions } from '@holdfast/api';

/** Permissions of a plugin in sentences, the gravest first. `${target.path}` becomes `the setting path`. */
export function permissionWords(permissions: Permissions): readonly string[] {
  const { read = [], write = [], network = [], run = [], secrets = [] } = permissions;
  const words = [
    ...run.map((program) => `run the program ${program}`),
    ...write.map((path) => `change and delete ${pathWords(path)}`),
    ...read.map((path) => `read ${pathWords(path)}`),
    ...network.map((address) => `connect to ${addressWords(address)}`),
    ...secrets.map((setting) => `read the secret that the setting ${setting} refers to`),
  ];
  return words.length === 0 ? ['reach nothing outside of its own data folder'] : words;
}

function pathWords(path: string): string {
  if (path === '*') return 'every file that you may';
  const setting = /^\$\{([a-z]+)\.([A-Za-z0-9_-]+)\}(.*)$/.exec(path);
  if (setting === null) return `${path} and all below it`;
  const [, whose, key = '', rest = ''] = setting;
  if (whose === 'plugin') return `its own ${key === 'data' ? 'data ' : ''}folder${rest}`;
  return `what the setting ${key} names${rest === '' ? '' : `, with ${rest} added`}, and all below it`;
}

function addressWords(address: string): string {
  if (address === '*:*') return 'every host, on every port';
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  const port = address.slice(colon + 1);
  const hostWords = host === '*' ? 'every host' : settingWords(host);
  return port === '*' ? `${hostWords}, on every port` : `${hostWords}, on port ${settingWords(port)}`;
}

function settingWords(text: string): string {
  const setting = /^\$\{[a-z]+\.([A-Za-z0-9_-]+)\}$/.exec(text);
  return setting === null ? text : `what the setting ${setting[1]} names`;
}
