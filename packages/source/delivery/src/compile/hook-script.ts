export const hookScriptFile = 'harness/generated/run-hook.sh'

/**
 * What agent programs start at a hook's moment. They tell of it on standard input, as one JSON object: Claude Code and Gemini CLI name
 * the file as `file_path`, Codex hands over its patch. POSIX, so that nothing has to be installed; a moment that names no file runs.
 */
export const hookScript = String.raw`#!/bin/sh
# Written by cox compile. sh run-hook.sh MOMENT SCOPE EXCEPT PROGRAM ARGUMENTS...
# Runs the program if the files of the moment are in SCOPE and not in EXCEPT: extended regular expressions over paths from the root,
# empty for all and for none. What fails is told to the agent: exit code 2, words on standard error.
moment=$1 scope=$2 except=$3
shift 3
root=$(cd -- "$(dirname -- "$0")/../.." && pwd -P) || exit 2
input=$(cat)

has() { printf '%s\n' "$input" | grep -Eq -- "$1"; }

named() {
  printf '%s\n' "$input" | grep -Eo '"(file|notebook)_path" *: *"([^"\\]|\\.)*"' | sed 's/^[^:]*: *"//; s/"$//'
}
patched() {
  printf '%s\n' "$input" | grep -Eo '\\n\*\*\* (Add File|Update File|Delete File|Move to): ([^"\\]|\\["\\])*' | sed 's/^[^:]*: //'
}
changed() {
  cd -- "$root" && git -c core.quotePath=false ls-files --modified --others --exclude-standard && git -c core.quotePath=false diff --cached --name-only
}

# The way from the root, links followed; a file outside of it says nothing.
from_root() {
  case $1 in /*) path=$1 ;; *) path=$PWD/$1 ;; esac
  folder=${'${path%/*}'} rest=${'${path##*/}'}
  until real=$(cd -- "${'${folder:-/}'}" 2>/dev/null && pwd -P); do
    rest=${'${folder##*/}'}/$rest folder=${'${folder%/*}'}
  done
  case $real/$rest in "$root"/*) path=$real/$rest && printf '%s\n' "${'${path#"$root"/}'}" ;; esac
}

reaches() {
  [ -n "$scope" ] || return 0
  if [ "$moment" = before-commit ]; then
    files=$(changed) || return 0
  else
    given=$(named)
    [ -n "$given" ] || given=$(patched)
    [ -n "$given" ] || return 0
    files=$(printf '%s\n' "$given" | sed 's/\\\(["\\]\)/\1/g' | while IFS= read -r one; do from_root "$one"; done)
  fi
  printf '%s\n' "$files" | grep -E -- "$scope" | { if [ -n "$except" ]; then grep -Ev -- "$except"; else cat; fi; } | grep -q .
}

case $moment in
  # A check that cannot pass would otherwise hold up for ever.
  before-stop) ! has '"stop_hook_active" *: *true' || exit 0 ;;
  before-commit) has '"command" *: *"([^"\\]|\\.)*git( +-[^ ]+( +[^- ][^ ]*)?)* +commit([^a-z-]|$)' && reaches || exit 0 ;;
  *) reaches || exit 0 ;;
esac
cd -- "$root" && "$@" </dev/null >&2 || exit 2
`
