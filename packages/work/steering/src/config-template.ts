/** Every key with its default and what it is for. A test parses it and compares it with the defaults. */
export const configTemplate = `# Coxswain: what agents may do in this repository, and what proves their work.
# Every key is optional; the values below are the defaults unless a comment says otherwise.
version: 1

# Where finished work lands; null is the branch that is checked out.
branch: null

# Who does the work: codex, claude, rewriter, or "acp:<command line>" for any ACP agent.
agent: codex
# The model's name as the agent knows it; null leaves the choice to the agent.
model: null

# Settings per agent. \`env\` names the variables that this agent may see; all others are withheld.
#   codex:
#     program: null        # a path when the program is not on PATH
#     model: null
#     env: [OPENAI_API_KEY]
agents: {}

# Makes a fresh worktree ready: what git ignores, such as node_modules, is not in it. Commands run without a shell: a list, or one line
# of program and arguments.
#   command: [npm, ci]
#   timeout: 15m
#   keys: [package-lock.json, pnpm-lock.yaml, yarn.lock, bun.lock, package.json]   # files and folders that it reads; "." is all
#   network: full
#   credentials: [NPM_TOKEN]   # variables that it alone may see; not where a change alters one of its keys
setup: null

# What proves a change: commands judged by their exit code, in this order, on the exact tree that would land with what setup makes from
# it. What an agent or an earlier gate left is not there.
#   - name: test
#     command: [npm, test]
#     timeout: 10m
#     base: required     # it passes on the branch itself, or no agent starts; ignored: it judges changes alone
#     sockets: []        # it may connect to these, such as /var/run/docker.sock: who can use Docker can do anything on this machine
#     network: none      # proxied: the internet without this machine; full: all of it. Loopback of its own is there always
gates: []

# Folders that gates keep for later gates of the same tree, and for later trees once theirs has landed.
#   - node_modules/.cache
#   - dist
cache: []

# Limits that stop one run; null is no limit. Time counts while the run is active.
budget:
  tokens: 2000000
  usd: null
  time: 1h

# Limits for all runs of a day together; no new turn starts above them.
day:
  tokens: null
  usd: null

# US dollars for a million tokens, for models that the table of known prices lacks or has wrong.
#   my-model: { input: 1.25, cachedInput: 0.125, cacheWrite: 0, output: 10 }
prices: {}

limits:
  gateRepairs: 5        # how often a failing gate goes back to the agent before a person is asked
  sameFailure: 2        # how often in a row with the same output; one more such failure asks a person
  conflictRepairs: 3
  agentRetries: 4       # after rate limits, broken connections, crashes
  idle: 10m             # silence after which an agent counts as stalled

# Runs at the same time.
concurrency: 2

# Changes to protected paths stop a run until a person approves them. Always protected: harness/, CI, CODEOWNERS, linter
# configuration, git and agent hooks, .npmrc and pnpm-workspace.yaml; and the files and package scripts that the commands of gates and
# setup name. Entries add to these, such as what those files load; one that begins with ! takes out.
#   - migrations/**
#   - Makefile
#   - '!.github/ISSUE_TEMPLATE/**'
protected: []

landing:
  policy: ask           # ask: a person approves each landing. auto: green work lands by itself.
  largestFile: 10       # megabytes; a change with a larger file stops for a person
  keepBranches: false   # true: the branch of a landed run stays until cox clean
  message: '{title}'    # of the commit, such as 'chore: {title}'; {title}, {text}, {task}, {run}. Further lines are its body, else the task's text.

# Containment of agents and gates (docs/security.md): auto, required, partial or off. partial: one is required, and Landlock is enough
# where the machine forbids namespaces; nothing lands there without approval.
sandbox: auto
# Contained commands see of your home only tools (such as ~/.nvm, ~/.rustup, ~/.m2/repository) and git's settings. These are seen, too.
#   - ~/.config/my-tool
readable: []
# Network inside the sandbox. full: this machine's, with every service on it. proxied: the internet alone, for programs that use HTTP_PROXY
# and HTTPS_PROXY. none: nothing.
network: full
`
