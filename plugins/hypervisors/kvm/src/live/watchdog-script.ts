/**
 * What the watchdog runs, by any POSIX `sh`, here or on the far side of an SSH link. Arguments: the limit in whole seconds; a file for
 * its note, or empty; the machine's name, for the note; then the command that thaws, with its arguments. That command ends with 0 when the guest is
 * thawed and with 3 when there is no guest any more; anything else is tried again.
 *
 * It says `ready`, then waits: for the word `thawed`, at which it ends at once; for the end of its input (the holder died), or the
 * limit, at which it thaws until the guest is thawed or gone, and leaves a note. `kill 0` ends the timer beside it: it needs a process group
 * of its own, which a detached process has, and what sshd starts.
 */
export const watchdogScript = `limit=$1 note=$2 title=$3
shift 3
began=$(date +%s)
say() {
  [ -n "$note" ] || return 0
  printf '%s\\n%s %s %s %s\\n' "$title" "$1" "$began" "$(date +%s)" "$why" > "$note.new" && mv "$note.new" "$note"
}
act() {
  why=$1 tries=0
  shift
  say acting
  while :; do
    "$@"
    case $? in
      0) say thawed; return 0 ;;
      3) say gone; return 0 ;;
    esac
    tries=$((tries + 1))
    if [ "$tries" -lt 60 ]; then sleep 1; else sleep 10; fi
  done
}
trap '' HUP INT PIPE
( sleep "$limit"; act limit "$@" ) </dev/null >/dev/null 2>&1 &
trap : TERM
echo ready
read -r word
exec </dev/null >/dev/null 2>&1
kill -TERM 0
if [ "$word" = thawed ]; then exit 0; fi
if [ -n "$note" ] && grep -Eq '^(thawed|gone) ' "$note"; then exit 0; fi
act holder "$@"
`;

/** The argument vector that runs it. */
export function watchdogArgv(what: {
  readonly limitMs: number;
  /** File for the note, on the machine that it runs on. Absent: none is left. */
  readonly note?: string;
  readonly title: string;
  readonly thawCommand: readonly string[];
}): readonly string[] {
  const seconds = String(Math.max(1, Math.ceil(what.limitMs / 1000)));
  const title = what.title.replaceAll(/[\r\n]/g, ' ');
  return ['sh', '-c', watchdogScript, 'holdfast-watchdog', seconds, what.note ?? '', title, ...what.thawCommand];
}
