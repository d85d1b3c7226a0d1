import { expect, test } from 'vitest'
import { shells, shellScripts } from './shell-scripts.ts'

test('every script asks the program that was typed, with the unfinished word last', () => {
  expect(Object.fromEntries(shells.map((shell) => [shell, shellScripts[shell].text]))).toMatchInlineSnapshot(`
    {
      "bash": "# Completion of cox for bash.
    _cox() {
      local line program
      read -ra program <<<"\${BASH_ALIASES[\${COMP_WORDS[0]}]:-\${COMP_WORDS[0]}}"
      COMPREPLY=()
      while IFS= read -r line; do
        COMPREPLY+=("\${line%%$'\\t'*}")
      done < <("\${program[@]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    }
    complete -o default -F _cox cox
    ",
      "fish": "# Completion of cox for fish.
    complete -c cox -a '(set -l words (commandline -opc) (commandline -ct); cox __complete $words[2..-1] 2>/dev/null)'
    ",
      "zsh": "#compdef cox
    # Completion of cox for zsh.
    _cox() {
      local line
      local -a proposals
      while IFS= read -r line; do
        proposals+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
      done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
      if (( \${#proposals} )); then _describe -t cox cox proposals; else _files; fi
    }
    if [ "\${funcstack[1]}" = _cox ]; then _cox "$@"; else compdef _cox cox; fi
    ",
    }
  `)
})
