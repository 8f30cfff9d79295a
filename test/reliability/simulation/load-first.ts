// What an open repository loads when it is first wanted: reading files takes real time, in which a simulated world would go on without it.
import '../../../core/repository/catalogs/read.ts';
import '../../../core/repository/catalogs/save.ts';
import '../../../core/repository/catalogs/tidy.ts';
import '../../../core/repository/check/check-repository.ts';
import '../../../core/repository/check/verify-point.ts';
import '../../../core/repository/collect/collect.ts';
import '../../../core/repository/collect/indexed-leases.ts';
import '../../../core/repository/copy/copy-point.ts';
import '../../../core/repository/keys/make-keys.ts';
import '../../../core/repository/keys/recovery-words.ts';
import '../../../core/repository/keys/rotate.ts';
import '../../../core/repository/points/forget-points.ts';
import '../../../core/repository/points/point-writer.ts';
import '../../../core/repository/repair/plan-repair.ts';
import '../../../core/repository/repair/repair.ts';
