import { lazySchema, findManifestLine, pathAsWord } from '@coxswain/facts'
import type { PackageNode } from '@coxswain/graph'
import type { z } from 'zod'
import picomatch from 'picomatch'
import type { Rewrite } from '../rewrite.ts'
import { defineRule, type RawFinding, type RuleContext } from '../rule.ts'

const options = lazySchema((z) =>
  z.strictObject({
    /** Globs of package folders. */
    packages: z.array(z.string()).default(['**']),
    files: z.array(z.string()).default([]),
    /** The exact value of `exports`. */
    exports: z.unknown().optional(),
    /** Scripts each package has, with their commands. */
    scripts: z.record(z.string(), z.string()).default({}),
    keys: z.array(z.string()).default([]),
  }),
)
type Layout = z.infer<ReturnType<typeof options>>

export const packageLayout = defineRule<Layout>({
  id: 'package-layout',
  why: 'Packages that look alike need no reading before work starts: every file is where it was in the last one.',
  severity: 'off',
  scope: 'package',
  options,
  check: (node, context) => {
    if (!node.isMember || node.dir === '') return []
    const gaps = [
      ...missingFiles(node, context),
      ...wrongExports(node, context),
      ...missingScripts(node, context),
      ...missingKeys(node, context),
    ]
    return gaps.length === 0 || picomatch.isMatch(node.dir, [...context.options.packages]) ? gaps : []
  },
})

function missingFiles(node: PackageNode, { options: layout, workspace }: RuleContext<Layout>): RawFinding[] {
  const absent = layout.files.filter((file) => !workspace.facts.has(`${node.dir}/${file}`))
  return absent.map((file) =>
    finding(node, {
      at: 1,
      what: `${node.name} has no ${file}; every package here has one`,
      fix: [`Write ${node.dir}/${file}; copy the shape of a neighbour’s.`],
      anchor: file,
    }),
  )
}

function wrongExports(node: PackageNode, { options: layout, workspace }: RuleContext<Layout>): RawFinding[] {
  if (layout.exports === undefined || JSON.stringify(node.manifest.exports) === JSON.stringify(layout.exports)) return []
  const [is, wanted] = [JSON.stringify(node.manifest.exports), JSON.stringify(layout.exports)]
  const text = workspace.textOf(`${node.dir}/package.json`)
  const rewrite = replaceValue(node, text, { key: 'exports', value: layout.exports })
  return [
    finding(node, {
      at: findManifestLine(text, 'exports'),
      what: `exports of ${node.name} is ${is}; elsewhere it is ${wanted}`,
      fix: [`Write \`"exports": ${wanted}\`.`, 'If another entry is needed, make it a package of its own.'],
      anchor: 'exports',
      rewrite,
    }),
  ]
}

function missingScripts(node: PackageNode, { options: layout, workspace }: RuleContext<Layout>): RawFinding[] {
  const missing = Object.entries(layout.scripts).filter(([name, command]) => node.manifest.scripts[name] !== command)
  if (missing.length === 0) return []
  const text = workspace.textOf(`${node.dir}/package.json`)
  return missing.map(([name, command]) => {
    const is = node.manifest.scripts[name]
    const what =
      is === undefined
        ? `${node.name} has no script ${name}`
        : `Script ${name} of ${node.name} is \`${is}\`, elsewhere \`${command}\``
    const scripts = { ...node.manifest.scripts, [name]: command }
    const sorted = Object.fromEntries(Object.entries(scripts).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const rewrite = replaceValue(node, text, { key: 'scripts', value: sorted })
    return finding(node, {
      at: findManifestLine(text, 'scripts'),
      what,
      fix: [`Add \`"${name}": "${command}"\` to the scripts of ${node.dir}/package.json.`],
      anchor: `script ${name}`,
      rewrite,
    })
  })
}

function missingKeys(node: PackageNode, { options: layout }: RuleContext<Layout>): RawFinding[] {
  const absent = layout.keys.filter((key) => !node.manifest.keys.includes(key))
  return absent.map((key) =>
    finding(node, {
      at: 1,
      what: `package.json of ${node.name} has no "${key}"`,
      fix: [`Add "${key}" as the neighbours have it.`],
      anchor: `key ${key}`,
    }),
  )
}

interface Gap {
  readonly at: number
  readonly what: string
  readonly fix: readonly string[]
  readonly anchor: string
  readonly rewrite?: Rewrite | null
}

function finding(node: PackageNode, gap: Gap): RawFinding {
  return {
    file: `${node.dir}/package.json`,
    line: gap.at,
    column: 1,
    what: gap.what,
    fix: gap.rewrite ? [...gap.fix, `\`cox check ${pathAsWord(node.dir)} --rule package-layout --fix\` does it.`] : gap.fix,
    anchor: `layout ${node.name} ${gap.anchor}`,
    ...(gap.rewrite && { rewrite: gap.rewrite }),
  }
}

/** Replaces one top-level value in a two-space package.json; other forms are left to their owners. */
function replaceValue(
  node: PackageNode,
  text: string,
  change: { readonly key: string; readonly value: unknown },
): Rewrite | null {
  const match = new RegExp(`^  "${change.key}": (?:"[^"\\n]*"|\\{\\n[\\s\\S]*?\\n  \\}|\\{[^{}\\n]*\\})`, 'm').exec(text)
  if (match === null) return null
  const value = JSON.stringify(change.value, null, 2).replaceAll('\n', '\n  ')
  return {
    edits: [
      {
        file: `${node.dir}/package.json`,
        start: match.index,
        end: match.index + match[0].length,
        was: match[0],
        text: `  "${change.key}": ${value}`,
      },
    ],
  }
}
