import { scopeTest } from '@coxswain/constraints'
import { z } from 'zod'
import { hookListFile, hookPrograms, type HookProgram } from '../compile/hook-programs.ts'
import { parseJson } from '../compile/parse-json.ts'
import { hookMark } from '../compile/settings-text.ts'
import type { AgentName } from './loading-rules.ts'
import type { TreeReader } from './tree-reader.ts'

export interface ContextHook {
  /** The constraint that it comes from; null for a hook of somebody else, of which the event and the command are known alone. */
  readonly constraint: string | null
  /** Such as `after-edit`. */
  readonly on: string | null
  /** The moment in the program's own word, such as `PostToolUse`. */
  readonly event: string
  readonly scope: readonly string[]
  readonly except: readonly string[]
  readonly command: string
}

export interface ContextHooks {
  /** Those that a touch of the file sets off; without a file, all. */
  readonly hooks: readonly ContextHook[]
  readonly notes: readonly string[]
}

interface Place {
  readonly agent: AgentName
  readonly folder: string
  readonly file: string | null
}

/** What an agent program finds in its settings in the repository, and whether anything of it runs when it is started in a folder. */
export function hookEntries(tree: TreeReader, place: Place): ContextHooks {
  const listed = readList(tree.read(hookListFile))
  const program = hookPrograms.find(({ agent }) => agent === place.agent)
  if (program === undefined) {
    const ids = [...new Set(listed.map(({ id }) => id))]
    const note = `No hooks are compiled for ${place.agent}: those of ${ids.join(', ')} do not reach it`
    return { hooks: [], notes: ids.length === 0 ? [] : [note] }
  }
  const all = entriesOf(tree.read(program.path)).map((entry) => describe(entry, listed))
  const hooks = all.filter((hook) => place.file === null || isSetOff(hook, place.file))
  return { hooks, notes: all.length === 0 ? [] : notesOf(program, place.folder) }
}

function notesOf({ note, inRuns, isRootOnly }: HookProgram, folder: string): string[] {
  const below = isRootOnly && folder !== '' ? [`Started in ${folder}, it runs none of its hooks`] : []
  return [...below, note, ...(inRuns === null ? [] : [inRuns])]
}

/** A stop and a commit are about everything; an edit is about one file. */
function isSetOff(hook: ContextHook, file: string): boolean {
  const isOfEdit = hook.on === 'before-edit' || hook.on === 'after-edit'
  return !isOfEdit || hook.scope.length === 0 || scopeTest(hook)(file)
}

const ListSchema = z.array(
  z.object({
    id: z.string(),
    on: z.string(),
    command: z.array(z.string()),
    scope: z.array(z.string()),
    except: z.array(z.string()),
  }),
)
type Listed = z.infer<typeof ListSchema>[number]

/** Written by people and programs too: what has another form is none of ours. */
const GroupSchema = z.object({ hooks: z.array(z.object({ command: z.string() }).catch({ command: '' })) }).catch({ hooks: [] })
const SettingsSchema = z.object({ hooks: z.record(z.string(), z.array(GroupSchema).catch([])) })

interface Entry {
  readonly event: string
  readonly command: string
}

function entriesOf(text: string | null): Entry[] {
  const parsed = SettingsSchema.safeParse(parseJson(text ?? ''))
  if (!parsed.success) return []
  return Object.entries(parsed.data.hooks).flatMap(([event, groups]) =>
    groups.flatMap((group) => group.hooks.filter(({ command }) => command !== '').map(({ command }) => ({ event, command }))),
  )
}

function describe({ event, command }: Entry, listed: readonly Listed[]): ContextHook {
  const [line = '', id] = command.split(` ${hookMark}`)
  const on = /\/run-hook\.sh ([\w-]+) /.exec(line)?.[1]
  if (id === undefined || on === undefined) return { constraint: null, on: null, event, scope: [], except: [], command }
  // A constraint may have two hooks at one moment: the line holds the words of its own.
  const own = listed.filter((one) => one.id === id && one.on === on)
  const found = own.find((one) => one.command.every((word) => line.includes(word)))
  return {
    constraint: id,
    on,
    event,
    scope: found?.scope ?? [],
    except: found?.except ?? [],
    command: found?.command.join(' ') ?? line,
  }
}

function readList(text: string | null): readonly Listed[] {
  const parsed = ListSchema.safeParse(parseJson(text ?? ''))
  return parsed.success ? parsed.data : []
}
