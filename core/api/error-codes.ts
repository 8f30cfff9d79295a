/** Exit code of a command that ends with an error of this code. Stable. */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130;

/** What an error code means and what to do about it. Documented in docs/errors.md; a test keeps the two equal. */
export interface ErrorEntry {
  readonly exit: ExitCode;
  /** What happened, in general. */
  readonly meaning: string;
  /** What to do next, where the error itself does not say something better. */
  readonly remedy: string;
}

const entry = (exit: ExitCode, meaning: string, remedy: string): ErrorEntry => ({ exit, meaning, remedy });

/** Every expected failure of Holdfast and its plugins. */
export const errorCodes = {
  // calls
  CANCELLED: entry(130, 'the work was cancelled and brought into a safe state', 'start it again when you want it done'),
  TIMEOUT: entry(
    7,
    'something did not answer in time',
    'try again; raise the limit if it is too short for this machine',
  ),
  INTERNAL: entry(
    1,
    'a bug: something failed in a way that nobody foresaw',
    'report it with the stack that was printed',
  ),
  UNSUPPORTED: entry(1, 'this cannot be done here', 'see the capability sheet with `holdfast plugin show`'),
  DOCTOR_FOUND: entry(1, 'something here is not as it should be', 'see the checks that failed and what they say to do'),
  // usage
  USAGE: entry(2, 'the command line is not understood', 'see `holdfast help`'),
  ANSWER_MISSING: entry(
    2,
    'a needed answer is missing and there is no terminal to ask for it',
    'give the flag that is named',
  ),
  CONFIRMATION_MISSING: entry(2, 'a change wants confirmation and there is no terminal to ask for it', 'add `--yes`'),
  NAME_INVALID: entry(2, 'a name has characters or a length that are not allowed', 'choose a name as described'),
  // people: who may do what
  ACCESS_DENIED: entry(
    5,
    'somebody has not the role that this takes',
    'ask an administrator for the role that is named',
  ),
  USER_NOT_FOUND: entry(4, 'no user has this name', '`holdfast user list` shows who there is'),
  APPROVAL_MISSING: entry(
    5,
    'a second person has to agree to this first',
    '`holdfast approval ask`, then somebody with the role approver says `holdfast approval grant`',
  ),
  APPROVAL_NOT_FOUND: entry(4, 'no approval has this identity', '`holdfast approval list` shows what there is'),
  APPROVAL_TOO_EARLY: entry(
    6,
    'an approval was granted whose delay has not passed yet',
    'wait until the time that is named',
  ),
  APPROVAL_EXPIRED: entry(6, 'an approval was granted and has expired', 'ask for it again'),
  AUDIT_DAMAGED: entry(
    1,
    'the audit log was changed after it was written',
    'compare it with a head that was kept elsewhere (`holdfast audit verify --head HASH`); find out who could write to the data folder',
  ),
  SESSION_NOT_FOUND: entry(
    4,
    'no session or recording has this identity',
    '`holdfast session list` shows what there is',
  ),
  SERVER_FAILED: entry(
    1,
    'the SSH server cannot do its work',
    'see what is named: the address, the host key, the data folder',
  ),
  // the workbench
  THEME_INVALID: entry(
    2,
    'a theme file is not a VS Code colour theme',
    'correct what is named, or choose another theme',
  ),
  KEYS_INVALID: entry(2, 'the file of own keys cannot be read', 'correct what is named; all other keys go on working'),
  TERMINAL_UNFIT: entry(
    2,
    'there is no terminal that the workbench can be drawn on',
    'use `holdfast --plain`, or the commands',
  ),
  // configuration and secrets
  CONFIG_INVALID: entry(
    2,
    'the configuration is not valid',
    'correct the place that is named; `holdfast config validate` checks again',
  ),
  CONFIG_UNTRUSTED: entry(
    5,
    'configuration found in this folder wants to run code and is not trusted',
    'read it, then `holdfast config trust`',
  ),
  CONFIG_UNREADABLE: entry(
    2,
    'a configuration file cannot be read',
    'check that the file exists and that you may read it',
  ),
  CONFIG_CHANGED: entry(
    6,
    'another process changed the same configuration meanwhile',
    'look at what it did, then try again',
  ),
  SECRET_UNAVAILABLE: entry(
    5,
    'a secret that is referred to cannot be had',
    'check the reference and what it points at',
  ),
  NOT_INITIALISED: entry(2, 'nothing is set up here yet', '`holdfast init`, or `holdfast quickstart` to try it out'),
  // plugins
  PLUGIN_INVALID: entry(
    2,
    'a plugin’s manifest, settings schema or capability sheet is not valid',
    'correct what is named; `holdfast plugin check` checks again',
  ),
  PLUGIN_UNTRUSTED: entry(
    5,
    'a plugin has not been trusted, or has changed since',
    'read what it asks for, then `holdfast plugin trust`',
  ),
  PLUGIN_FAILED: entry(
    1,
    'a plugin failed to load, failed to start or broke its contract',
    'see `holdfast plugin show`; update or remove the plugin',
  ),
  PLUGIN_NOT_FOUND: entry(
    4,
    'no plugin has this name or contributes this',
    '`holdfast plugin list` shows what there is',
  ),
  PLUGIN_EXISTS: entry(6, 'a plugin of this name is there already', 'remove it first, or choose another name'),
  PERMISSION_DENIED: entry(
    5,
    'a plugin asked for something that it has not been granted',
    'see its permissions with `holdfast plugin show`',
  ),
  FOLDER_UNWRITABLE: entry(
    5,
    'a folder of this installation cannot be written',
    'check that it exists, has room and belongs to you',
  ),
  // endpoints and machines
  ENDPOINT_NOT_FOUND: entry(4, 'no endpoint has this name', '`holdfast endpoint list` shows what there is'),
  ENDPOINT_EXISTS: entry(6, 'an endpoint of this name is there already', 'choose another name'),
  ENDPOINT_UNREACHABLE: entry(1, 'a hypervisor does not answer', '`holdfast endpoint check` says what is missing'),
  MACHINE_NOT_FOUND: entry(4, 'no machine has this name or identity', '`holdfast machine list` shows what there is'),
  MACHINE_AMBIGUOUS: entry(2, 'several machines have this name', 'name it as ENDPOINT/NAME, or by its identity'),
  MACHINE_UNPROTECTABLE: entry(1, 'this machine cannot be protected as it stands', 'see `holdfast machine show`'),
  MACHINE_BUSY: entry(
    6,
    'another run is working on this machine',
    'wait for it (`holdfast run watch`) or cancel it, then try again',
  ),
  QUIESCE_UNAVAILABLE: entry(1, 'the guest cannot be quiesced as asked', 'ask for less, or install the guest agent'),
  TRACKING_LOST: entry(1, 'changes since the last point are not known', 'nothing: the next run reads the whole disk'),
  DISK_CHANGED: entry(1, 'a disk changed while it was read', 'run it again; nothing was committed'),
  DISK_INVALID: entry(
    1,
    'a disk image is damaged or made to mislead',
    'check the image with its hypervisor’s own tool',
  ),
  DISK_UNREADABLE: entry(1, 'a disk cannot be read', 'check the storage it lies on; nothing was committed'),
  DISK_UNWRITABLE: entry(1, 'a disk cannot be written', 'check the storage it lies on, then restore again'),
  NAME_TAKEN: entry(6, 'something of this name is there already', 'choose another name'),
  // targets
  TARGET_NOT_FOUND: entry(4, 'no target has this name', '`holdfast target list` shows what there is'),
  TARGET_EXISTS: entry(6, 'a target of this name is there already', 'choose another name'),
  TARGET_FULL: entry(1, 'the target has no room left', 'free space or add a target, then `holdfast run retry`'),
  TARGET_READ_ONLY: entry(5, 'the target cannot be written', 'mount it for writing or change its permissions'),
  TARGET_IO: entry(
    1,
    'the target failed to read or write',
    'check the device; what is committed can still be verified with `holdfast repository check`',
  ),
  TARGET_UNREACHABLE: entry(
    1,
    'the target is not there',
    'mount or connect it; `holdfast target doctor` says what is missing',
  ),
  OBJECT_EXISTS: entry(6, 'an object of this name is there already', 'nothing: another writer was first'),
  OBJECT_NOT_FOUND: entry(
    4,
    'an object is missing from the target',
    '`holdfast repository check` says what it concerns',
  ),
  OBJECT_LOCKED: entry(5, 'an object is locked until a later time', 'wait until the lock ends'),
  LOCK_UNAVAILABLE: entry(1, 'this target cannot lock objects', 'choose a target that can'),
  MEDIA_ELEMENT_FULL: entry(6, 'a slot or drive is full', 'choose another one'),
  MEDIA_ELEMENT_EMPTY: entry(4, 'a slot or drive is empty', 'choose another one'),
  MEDIA_ELEMENT_UNKNOWN: entry(4, 'a library has no such slot or drive', 'see the inventory'),
  // repository
  REPOSITORY_NOT_FOUND: entry(4, 'there is no repository on this target', '`holdfast init` makes one'),
  REPOSITORY_EXISTS: entry(6, 'there is a repository on this target already', 'use it, or choose another folder'),
  REPOSITORY_NEWER: entry(
    1,
    'the repository was written by a newer version, or needs a feature that this one lacks',
    'update Holdfast',
  ),
  REPOSITORY_DAMAGED: entry(
    1,
    'data in the repository is missing or fails its authentication',
    '`holdfast repository check` names the points concerned; all else still restores',
  ),
  REPOSITORY_ROLLED_BACK: entry(
    1,
    'the repository lacks restore points that the catalog has seen',
    'find out who put an older state in its place before you write to it',
  ),
  PASSPHRASE_WRONG: entry(
    5,
    'no key of the repository opens with this passphrase',
    'try again, or use the recovery words',
  ),
  KEY_NOT_FOUND: entry(4, 'the repository has no such key', '`holdfast repository key list` shows what there is'),
  KEY_TOO_MANY: entry(
    6,
    'the repository has as many keys as it can have',
    'remove those that nobody needs with `holdfast repository key remove`',
  ),
  KEY_SECRET_MISSING: entry(
    6,
    'not every key of the repository can be written anew',
    'give the secret of each key that there is, or remove those that nobody needs',
  ),
  KEY_LAST: entry(6, 'this is the last key that opens the repository', 'add another key first'),
  RECOVERY_WORDS_WRONG: entry(
    5,
    'the recovery words are mistyped or belong to another repository',
    'check each word and their order',
  ),
  LEASE_LOST: entry(
    6,
    'a writer was fenced because it had been silent for too long',
    'run it again; nothing of it was committed',
  ),
  COLLECTION_BUSY: entry(
    6,
    'another collection of this repository is under way',
    'wait until it is over; one whose process has died is passed over at once on its own machine, elsewhere when it has been silent for a quarter of an hour',
  ),
  CATALOG_SAVED_NONE: entry(
    4,
    'no copy of a catalog lies in this repository',
    '`holdfast repository recover` makes a catalog anew from the restore points alone',
  ),
  POINT_NOT_FOUND: entry(4, 'no restore point has this identity', '`holdfast point list` shows what there is'),
  POINT_NEWEST: entry(6, 'the newest restore point of a machine is never forgotten', 'protect the machine again first'),
  VERIFY_FAILED: entry(
    1,
    'what was read back is not what was stored',
    '`holdfast repository check` names what is damaged',
  ),
  // catalog and runs
  CATALOG_NEWER: entry(1, 'the catalog was written by a newer version', 'update Holdfast'),
  CATALOG_DAMAGED: entry(
    1,
    'the catalog cannot be read',
    '`holdfast repository recover` takes the newest copy from a repository; what is here is kept',
  ),
  CATALOG_UNREADABLE: entry(
    1,
    'the catalog’s file cannot be opened, read or written',
    'check that its folder exists on a healthy local disk and that you may write there',
  ),
  CATALOG_BUSY: entry(7, 'another process holds the catalog for too long', 'try again'),
  RUN_NOT_FOUND: entry(4, 'no run has this identity', '`holdfast run list` shows what there is'),
  RUN_NOT_RETRYABLE: entry(
    6,
    'this run did not fail, so there is nothing to do again',
    'start a new one with `holdfast protect`',
  ),
  RUN_ENDED: entry(6, 'this run has ended already', 'see `holdfast run show`'),
  RUN_LOST: entry(
    1,
    'the process that worked on a run ended before the run did',
    '`holdfast run retry`; what it had begun has been taken back',
  ),
  SLOT_UNAVAILABLE: entry(7, 'no slot came free in time', 'try again when less is running'),
  NOTIFIER_NOT_FOUND: entry(4, 'no notifier has this name', '`holdfast notifier list` shows what there is'),
  NOTIFY_FAILED: entry(
    1,
    'a notice may not have arrived',
    'nothing: it is sent again; `holdfast notifier test` tries now',
  ),
  NOTIFY_REFUSED: entry(
    1,
    'a notice cannot be delivered as it is configured',
    '`holdfast notifier check` says what is wrong',
  ),
  POLICY_INVALID: entry(
    2,
    'the policies are not valid',
    'correct the places that are named; `holdfast plan` checks again',
  ),
  POLICY_NOT_FOUND: entry(4, 'no policy has this name', '`holdfast policy list` shows what there is'),
  POLICY_REFUSED: entry(
    2,
    'policies cannot meet what they promise',
    'change schedule, window or objective as the arithmetic says, then `holdfast plan`',
  ),
  POLICY_CHANGED: entry(6, 'other policies were applied meanwhile', '`holdfast plan` shows what would change now'),
  SCHEDULE_INVALID: entry(
    2,
    'a schedule never fires or is not understood',
    'write it as docs/formats/policies.md says',
  ),
  HOST_KEY_UNKNOWN: entry(
    5,
    'a host was not seen before, so who it is has not been agreed to',
    'compare the fingerprint with the host’s own, then set it as `hostKey` of the endpoint',
  ),
  HOST_KEY_CHANGED: entry(
    5,
    'a host shows another key than the one that was agreed to: it may be somebody else',
    'find out why at the host itself; only then set the new fingerprint as `hostKey`',
  ),
  GUEST_UNAVAILABLE: entry(
    1,
    'the guest agent does not answer',
    'start the agent in the guest, or ask for `quiesce: none`',
  ),
  FENCED: entry(6, 'another process has taken this work over', 'nothing: the other process finishes it'),
  WORKFLOW_INVALID: entry(
    2,
    'the steps do not fit together',
    'correct what is named; the plan says which step gives what',
  ),
  WORKER_LOST: entry(
    1,
    'a worker thread ended before its work was done',
    '`holdfast run retry`; nothing was committed',
  ),
  DISK_SPACE: entry(1, 'this machine has no room left', 'free space, then try again'),
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** A stable name of an expected failure. */
export type ErrorCode = keyof typeof errorCodes;
