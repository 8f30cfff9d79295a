# bash completion for holdfast
_holdfast() {
  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" line="" command="" place=0 word at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="${COMP_WORDS[at]}"
    [[ "$word" == -* ]] && continue
    if [[ -n "$command" ]]; then place=$((place + 1)); continue; fi
    line="${line:+$line }$word"
    case "$line" in
@known@
    esac
  done
  case "$command" in
@commands@
  esac
  case "$line" in
@next@
  esac
}
complete -F _holdfast holdfast
