/** Opens a catalog of an older release, which brings it to the newest schema. Argument: its file. To be killed while it does. */
import { writeSync } from 'node:fs';
import { openCatalog } from '../../core/catalog/open.ts';

writeSync(1, 'begun\n');
const catalog = await openCatalog({ file: process.argv[2] ?? '' });
writeSync(1, 'done\n');
await catalog.close();
