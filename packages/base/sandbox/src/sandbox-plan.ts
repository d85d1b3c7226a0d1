/** What a command sees, as data: every form of containment starts the same plan. Paths are real ones. */
export interface SandboxPlan {
  readonly command: readonly string[]
  readonly cwd: string
  /** In the order in which they are done: outer folders first. Everything else is there to be read. */
  readonly steps: readonly SandboxStep[]
  /** `none` leaves a loopback interface of its own. */
  readonly network: 'full' | 'none'
  /** `ordinary`: root is an ordinary user inside, and can have a sandbox of its own there. */
  readonly user: 'same' | 'ordinary'
  readonly variables: Readonly<Record<string, string>>
}

export type SandboxStep =
  /** An empty folder that the command may fill; `hide`: that it may not. */
  | { readonly kind: 'private' | 'hide'; readonly path: string }
  /** `show`: to read; `open`: to write. */
  | { readonly kind: 'show' | 'open'; readonly source: string; readonly path: string }
  | ({ readonly kind: 'overlay'; readonly path: string } & Layers)

export interface Layers {
  /** Is read and never written. */
  readonly lower: string
  /** Gets what is written. On the file system of `work`, which is not an overlay itself. */
  readonly upper: string
  /** An empty folder for the kernel. */
  readonly work: string
}
