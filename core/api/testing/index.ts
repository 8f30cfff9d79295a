/**
 * The conformance kit: what Holdfast expects of a plugin, as checks that can be run. It needs no test framework: each
 * suite is a list of named asynchronous checks. `holdfast plugin test` runs them in process and across a worker.
 */
export { type Check, type CheckOptions, type CheckResult, differences, type Report, runChecks } from './check.ts';
export { collect, demand, demandFailure, NotConforming } from './expect.ts';
export type { Fixture, Fixtures, Prepared } from './fixture.ts';
export { hostileTexts } from './hostile.ts';
export { type HypervisorCrashSuite, hypervisorCrashChecks } from './hypervisor/crash.ts';
export { hypervisorChecks } from './hypervisor/suite.ts';
export type { HypervisorSuite } from './hypervisor/yard.ts';
export { type MediaLibrarySuite, mediaLibraryChecks } from './media-library/suite.ts';
export { type NotifierSuite, notifierChecks } from './notifier/suite.ts';
export { objectStoreCrashChecks, type StoreCrashSuite } from './object-store/crash.ts';
export { type ObjectStoreSuite, objectStoreChecks } from './object-store/suite.ts';
export { type SheetSuite, sheetChecks } from './sheet/suite.ts';
export { PracticeWorld, practiceNames } from './technique/practice-world.ts';
export { type TechniqueSuite, techniqueChecks } from './technique/suite.ts';
