import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { extractFacts } from '@coxswain/facts'
import { readEnvironment, runCommand, scrubEnvironment } from '@coxswain/host'
import { z } from 'zod'
import type { House, Room, SourceFile, TextFile } from './house.ts'

/** Reads what git tracks below a root, as it is in the working tree. */
export async function readHouse(folder: string): Promise<House> {
  const texts = (await trackedFiles(folder)).flatMap((path) => readText(folder, path))
  const manifests = texts.filter(({ path }) => manifestPath.test(path))
  const root = texts.find(({ path }) => path === 'package.json')
  return {
    texts,
    rooms: manifests.map((manifest) => readRoom(manifest, texts)),
    testTools: root === undefined ? [] : Object.keys(Manifest.parse(JSON.parse(root.text)).devDependencies),
  }
}

const manifestPath = /^packages\/([^/]+\/[^/]+)\/package\.json$/
const largestText = 2_000_000

async function trackedFiles(root: string): Promise<string[]> {
  const env = scrubEnvironment(readEnvironment())
  const { stdout, stderr, exitCode } = await runCommand({
    command: ['git', '-c', 'safe.directory=*', 'ls-files', '-z', '--cached'],
    cwd: root,
    env,
    maxOutputBytes: 64_000_000,
  })
  if (exitCode !== 0) throw new Error(`git ls-files failed: ${stderr}`)
  return [...new Set(stdout.split('\0').filter((path) => path !== ''))]
}

/** Nothing for a file that was just deleted, a link to a folder, or what is no text. */
function readText(root: string, path: string): TextFile[] {
  try {
    const content = readFileSync(join(root, path))
    return content.length > largestText || content.includes(0) ? [] : [{ path, text: content.toString('utf8') }]
  } catch {
    return []
  }
}

const Manifest = z.looseObject({
  name: z.string(),
  exports: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
})

function readRoom({ path, text }: TextFile, texts: readonly TextFile[]): Room {
  const manifest = Manifest.parse(JSON.parse(text))
  const folder = path.slice(0, -'package.json'.length)
  const files = texts.filter((file) => file.path.startsWith(folder) && sourcePath.test(file.path)).map(readSource)
  return {
    id: folder.slice('packages/'.length, -1),
    name: manifest.name,
    exports: manifest.exports,
    dependencies: [manifest.dependencies, manifest.optionalDependencies, manifest.peerDependencies].flatMap(Object.keys),
    devDependencies: Object.keys(manifest.devDependencies),
    readme: texts.find((file) => file.path === `${folder}README.md`)?.text ?? null,
    files: markTests(files),
  }
}

const sourcePath = /^(?!.*\/(?:fixtures|node_modules)\/).*\.[cm]?[jt]sx?$/
const testPath = /\.test\.[cm]?[jt]sx?$|\/src\/(?:.*\/)?testing(?:\.ts|\/)/

export function readSource(file: TextFile): SourceFile {
  const { lines, imports, sites } = extractFacts(file.path, Buffer.from(file.text))
  // A path that code hands to a tool is no door: nothing of it is loaded here.
  const doors = imports.filter(({ form }) => form !== 'mention')
  return { ...file, facts: { lines, imports: doors, sites }, isTest: testPath.test(file.path) }
}

/** What only tests import is test code too; what nobody imports is an entry. */
export function markTests(files: readonly SourceFile[]): SourceFile[] {
  const importers = new Map<string, string[]>()
  for (const { path, facts } of files) {
    for (const { from } of facts.imports.filter((one) => one.from.startsWith('.'))) {
      const target = new URL(from, `file:///${path}`).pathname.slice(1)
      importers.set(target, [...(importers.get(target) ?? []), path])
    }
  }
  const tests = new Set(files.filter(({ isTest }) => isTest).map(({ path }) => path))
  for (let before = -1; before !== tests.size;) {
    before = tests.size
    for (const { path } of files) {
      const by = importers.get(path)
      if (by?.every((importer) => tests.has(importer))) tests.add(path)
    }
  }
  return files.map((file) => ({ ...file, isTest: tests.has(file.path) }))
}
