import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for 127.0.0.1 and localhost that vouches for itself, and one of somebody else. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes one with openssl; `null` where there is none. */
export function makeCertificate(folder: string, name: string): Certificate | null {
  const [cert, key, config] = ['pem', 'key', 'cnf'].map((end) => join(folder, `${name}.${end}`)) as [
    string,
    string,
    string,
  ];
  writeFileSync(
    config,
    `[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\nCN=${name}\n[v3]\nsubjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:true\n`,
  );
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
  try {
    execFileSync('openssl', ['req', '-x509', ...made, '-config', config, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    return { cert, key };
  } catch {
    return null;
  }
}
