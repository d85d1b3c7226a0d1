import type { PackageNode, Workspace } from '@coxswain/graph'

export interface FolderLoader {
  readonly path: string
  readonly line: number
  readonly folder: string
}

/** The configuration of a tool that nobody here knows, and that hands it a folder of sources: what it loads there by name is seen by nobody. */
export function findFolderLoader(node: PackageNode, workspace: Workspace): FolderLoader | null {
  for (const path of node.files) {
    const tool = /(?:^|\/)([\w-]+)\.config\.[cm]?[jt]s$/.exec(path)?.[1]
    if (tool === undefined || known.has(tool)) continue
    const base = path.slice(0, path.lastIndexOf('/') + 1)
    const text = workspace.textOf(path)
    for (const { 1: written = '', index } of text.matchAll(quoted)) {
      const folder = `${base}${written.replace(/^\.\//, '')}/`
      if (node.files.some((file) => file.startsWith(folder) && /\.[cm]?[jt]sx?$/.test(file)))
        return { path, line: text.slice(0, index).split('\n').length, folder: written }
    }
  }
  return null
}

/** A path in quotes, or the folder before the wildcards of a glob. */
const quoted = /["'`]((?:\.\/)?[\w.-]+(?:\/[\w.-]+)*)(?:\/|\/\*[^"'`\n]*)?["'`]/g

/** They build, test, format or style what lies in a folder, and load no export of it by themselves. */
const known = new Set(
  'astro babel biome bunup capacitor commitlint cypress drizzle esbuild eslint graphql jest karma knip lint-staged metro next nuxt openapi-ts orval oxfmt oxlint panda playwright postcss prettier prisma react-router release rolldown rollup rsbuild rslib rspack stylelint sv svelte svgo tailwind tsdown tsup turbo typedoc uno unocss vite vitest vitepress webpack windi workbox'.split(
    ' ',
  ),
)
