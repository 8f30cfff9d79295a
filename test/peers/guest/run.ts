import { execFile, execFileSync } from 'node:child_process';

/** Runs a program to its end and gives what it printed; what it said goes into the error when it fails. */
export function run(program: string, args: readonly string[], env?: NodeJS.ProcessEnv, cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      maxBuffer: 64 << 20,
      ...(env === undefined ? {} : { env }),
      ...(cwd === undefined ? {} : { cwd }),
    };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }));
    });
  });
}

const programs = ['qemu-system-x86_64', 'qemu-img', 'busybox', 'mke2fs', 'setpriv', 'apt-get', 'dpkg-deb', 'ldd'];

/** Why no live guest can run on this machine; `null` when one can. Give it to `ctx.skip`. */
export function missingPeers(more: readonly string[] = []): string | null {
  if (process.arch !== 'x64') return `the guest is built for x86_64, this machine is ${process.arch}`;
  for (const program of [...programs, ...more]) {
    try {
      execFileSync('/bin/sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v "$0"', program], { stdio: 'ignore' });
    } catch {
      return `${program} is not installed here`;
    }
  }
  try {
    execFileSync('apt-cache', ['show', 'linux-image-cloud-amd64', 'qemu-guest-agent'], { stdio: 'ignore' });
  } catch {
    return 'apt-get knows no linux-image-cloud-amd64 or no qemu-guest-agent here; apt-get update may help';
  }
  return null;
}
