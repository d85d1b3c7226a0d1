export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export interface ShellScript {
  readonly text: string
  /** Where the shell looks for it, below the user's folder for data or configuration. */
  readonly place: { readonly base: 'data' | 'config'; readonly path: string }
  /** What a person may have to do once. */
  readonly advice: string
}

/** Each asks `cox __complete` with the words so far, so that it never grows old. */
export const shellScripts: Readonly<Record<Shell, ShellScript>> = {
  bash: {
    place: { base: 'data', path: 'bash-completion/completions/cox' },
    advice:
      'New shells complete `cox` when the package bash-completion is there; else add to ~/.bashrc: eval "$(cox completion bash)"',
    text: `# Completion of cox for bash.
_cox() {
  local line program
  read -ra program <<<"\${BASH_ALIASES[\${COMP_WORDS[0]}]:-\${COMP_WORDS[0]}}"
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${program[@]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _cox cox
`,
  },
  zsh: {
    place: { base: 'data', path: 'zsh/site-functions/_cox' },
    advice: 'Its folder must be on fpath before compinit runs; or add to ~/.zshrc: eval "$(cox completion zsh)"',
    text: `#compdef cox
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
`,
  },
  fish: {
    place: { base: 'config', path: 'fish/completions/cox.fish' },
    advice: 'New shells complete `cox`.',
    text: `# Completion of cox for fish.
complete -c cox -a '(set -l words (commandline -opc) (commandline -ct); cox __complete $words[2..-1] 2>/dev/null)'
`,
  },
}
