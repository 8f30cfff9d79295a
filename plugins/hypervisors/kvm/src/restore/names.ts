import { HoldfastError } from '@holdfast/api';

/** The name of a machine may be anything that XML and libvirt can hold. */
export function checkMachineName(name: string): void {
  // Readers of domain XML leave out blanks at either end: the machine would be listed under another name.
  const isKept = name.trim() === name && !/[\u0000-\u001f\u007f\ufffe\uffff]/.test(name) && name.isWellFormed();
  if (isKept && name.length >= 1 && name.length <= 200) return;
  throw new HoldfastError(
    'NAME_INVALID',
    `${JSON.stringify(name.slice(0, 80))} is not a name that a machine can have`,
    {
      remedy: 'use 1 to 200 characters, none of them a control character, no blank at either end',
    },
  );
}

/** A folder for a machine of this name: whatever the name, it is one plain folder. */
export function folderNameOf(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9._ -]/g, '_')
    .replace(/^[. -]+|[. ]+$/g, '_')
    .slice(0, 100);
  return plain === '' ? '_' : plain;
}

/** Names of image files for some disks, plain and each another one. */
export function imageNamesOf(keys: readonly string[]): readonly string[] {
  const plain = keys.map((key) => key.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60) || '_');
  return plain.map((name, index) => {
    const unique = plain.indexOf(name) === index && /^[A-Za-z0-9_]/.test(name);
    return unique ? `${name}.raw` : `disk${index}_${name}.raw`;
  });
}

/** Keys as target devices of a domain: as they are when they are such, else made up. */
export function targetsOf(keys: readonly string[]): readonly string[] {
  const good = keys.every((key) => /^(?:vd|sd|hd|xvd)[a-z]{1,3}$/.test(key)) && new Set(keys).size === keys.length;
  return good
    ? keys
    : keys.map(
        (_, index) =>
          `vd${index < 26 ? '' : String.fromCharCode(96 + Math.floor(index / 26))}${String.fromCharCode(97 + (index % 26))}`,
      );
}
