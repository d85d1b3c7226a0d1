/** What a contained command may read of a person's home: tools, their packages, and git's settings. Everything else is not there. */
export const allowedInHome: readonly string[] = [
  '.asdf .bun .deno .dotnet .elan .fnm .ghcup .goenv .jenv .juliaup .local/bin .local/lib .local/pipx .n .nodenv .npm .nvm .opam .proto .pyenv',
  '.rbenv .rustup .rvm .sdkman .swiftly .volta .yarn go',
  '.gitconfig .config/git .gitignore .gitignore_global',
  '.cargo/bin .cargo/git .cargo/registry .gem/ruby .gradle/caches .gradle/wrapper .m2/repository .m2/wrapper .nuget/packages',
  '.cache/Cypress .cache/corepack .cache/deno .cache/go-build .cache/ms-playwright .cache/node .cache/pip .cache/pnpm .cache/puppeteer',
  '.cache/uv .cache/yarn',
  '.local/share/fnm .local/share/gem .local/share/mise .local/share/pipx .local/share/pnpm .local/share/rtx .local/share/uv',
].flatMap((line) => line.split(' '))

/** What is cut out again where a larger folder is allowed: keys, tokens, logins of agents, browsers. */
export const secretInHome: readonly string[] = [
  '.ssh .gnupg .password-store .local/share/keyrings .netrc .git-credentials .config/git/credentials .vault-token .pgpass .my.cnf',
  '.aws .azure .boto .config/gcloud .config/doctl .config/hcloud .kube .oci .docker .config/containers .fly .terraform.d/credentials.tfrc.json',
  '.npmrc .yarnrc.yml .yarnrc .config/pnpm .pypirc .config/pip .pip .m2/settings.xml .m2/settings-security.xml .gradle/gradle.properties',
  '.cargo/credentials .cargo/credentials.toml .gem/credentials .local/share/gem/credentials .nuget/NuGet .config/NuGet .composer .config/composer',
  '.local/share/uv/credentials .hex .config/hub .config/gh .config/glab-cli .config/op .config/Bitwarden .config/rclone .config/sops',
  '.claude .claude.json .codex .gemini .qwen .config/opencode .local/share/opencode .config/goose .aider .cursor .config/Cursor .continue',
  '.mozilla .thunderbird .config/google-chrome .config/chromium .config/BraveSoftware .config/microsoft-edge .config/vivaldi .config/opera snap',
  '.bash_history .zsh_history .node_repl_history .python_history .psql_history',
].flatMap((line) => line.split(' '))
