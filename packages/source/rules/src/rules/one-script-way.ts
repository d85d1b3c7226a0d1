import { findManifestLine } from '@coxswain/facts'
import { defineRule } from '../rule.ts'

export const oneScriptWay = defineRule({
  id: 'one-script-way',
  why: 'When every package spells its scripts differently, nobody can run, change or speed up all of them at once.',
  severity: 'off',
  scope: 'package',
  options: (z) =>
    z.strictObject({
      /** Script name to its only allowed command. */
      scripts: z.record(z.string(), z.string()).default({}),
      /** Script names that may exist besides; empty: any. */
      allow: z.array(z.string()).default([]),
    }),
  check: (node, { workspace, options }) => {
    if (!node.isMember || node.dir === '') return []
    const file = `${node.dir}/package.json`
    return Object.entries(node.manifest.scripts).flatMap(([name, command]) => {
      const wanted = options.scripts[name]
      const isUnknown = wanted === undefined && options.allow.length > 0 && !options.allow.includes(name)
      if (!isUnknown && (wanted === undefined || wanted === command)) return []
      const what = isUnknown
        ? `Script ${name} is none of this repository’s scripts`
        : `Script ${name} is \`${command}\`, elsewhere \`${wanted}\``
      const known = [...new Set([...Object.keys(options.scripts), ...options.allow])].join(', ')
      return [
        {
          file,
          line: findManifestLine(workspace.textOf(file), `scripts.${name}`),
          column: 1,
          what,
          fix: isUnknown
            ? [`Rename it to one of ${known}, or call the program from one of them.`]
            : [
                `Write \`"${name}": "${wanted}"\`.`,
                'If this package needs more, put it into a file and let the common command find it.',
              ],
          anchor: `script ${name}`,
        },
      ]
    })
  },
})
