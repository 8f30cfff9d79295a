import { open } from 'node:fs/promises';
import { runProgram } from '../programs.ts';

/** Stated, so that the image does not depend on this machine's mke2fs.conf, and stays what our reader understands. */
const features =
  'none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum';

/**
 * Makes an image with an ext4 file system that holds a folder, without mounting anything and as any user.
 * The same folder and seed give the same bytes but for times of the files.
 */
export async function makeExt4(
  mke2fs: string,
  image: string,
  sizeBytes: number,
  folder: string,
  files: number,
  uuid: string,
  signal: AbortSignal,
): Promise<void> {
  await using handle = await open(image, 'wx', 0o600);
  await handle.truncate(sizeBytes);
  const extended = `lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0,hash_seed=${uuid}`;
  const shape = ['-t', 'ext4', '-O', features, '-b', '4096', '-I', '256', '-N', String(1024 + files * 2), '-m', '0'];
  const args = ['-q', '-F', ...shape, '-L', 'lab', '-U', uuid, '-E', extended, '-d', folder, image];
  await runProgram(mke2fs, args, signal, { E2FSPROGS_FAKE_TIME: '1700000000' });
  await handle.sync();
}
