// Opens a catalog, uses it and just ends: `forget-to-close.ts FILE own|caller`.
import { openCatalog } from '../../../core/catalog/open.ts';

const [, , file = '', thread] = process.argv;
const catalog = await openCatalog({ file, thread: thread === 'caller' ? 'caller' : 'own' });
await catalog.seenMachines('lab', []);
