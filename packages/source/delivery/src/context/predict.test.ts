import { expect, test } from 'vitest'
import { changeText } from './change-text.ts'
import { importMentions } from './expand-imports.ts'
import { loadingRules, type AgentName } from './loading-rules.ts'
import { predict, type Prediction } from './predict.ts'
import type { TreeReader } from './tree-reader.ts'

function tree(files: Readonly<Record<string, string>>): TreeReader {
  return {
    read: (path) => files[path] ?? null,
    list: (folder) =>
      Object.keys(files)
        .filter((path) => path.startsWith(`${folder}/`))
        .toSorted(),
  }
}

interface Place {
  readonly folder: string
  readonly file?: string
}

function received(agent: AgentName, files: Readonly<Record<string, string>>, place: Place): Prediction {
  return predict({ rules: loadingRules[agent], tree: tree(files), root: '/repo', isRepository: true, ...place })
}

const nested = { 'AGENTS.md': 'root', 'a/AGENTS.md': 'a', 'a/b/AGENTS.md': 'b', 'c/AGENTS.md': 'c' }

test('Codex joins the chain from the root', () => {
  expect(received('codex', nested, { folder: 'a/b' }).startText).toBe(
    '# AGENTS.md instructions for /repo/a/b\n\n<INSTRUCTIONS>\nroot\n\na\n\nb\n</INSTRUCTIONS>',
  )
})

test('opencode starts with the nearest, and finds others on reading', () => {
  const { startText, later } = received('opencode', nested, { folder: 'a', file: 'a/b/x.ts' })
  expect(startText).toBe('Instructions from: /repo/a/AGENTS.md\na\nInstructions from: /repo/AGENTS.md\nroot')
  expect(later.map((piece) => piece.path)).toEqual(['a/b/AGENTS.md'])
})

test('Codex cuts at the byte and loses deeper files whole', () => {
  const files = {
    'AGENTS.md': `- ${'x'.repeat(32_700)} [kept]\n- cut here [lost-half]\n${'y'.repeat(100)}`,
    'a/AGENTS.md': '- all of it [lost-whole]\n',
  }
  const { start, lost } = received('codex', files, { folder: 'a' })
  expect(start.map((piece) => [piece.path, Buffer.byteLength(piece.text), piece.cutBytes])).toEqual([['AGENTS.md', 32_768, 65]])
  expect(lost.map((loss) => [loss.path, loss.reason])).toEqual([
    ['AGENTS.md', 'over-cap'],
    ['a/AGENTS.md', 'over-cap'],
  ])
})

test('Claude Code follows imports only below its folder', () => {
  const files = { 'CLAUDE.md': '@AGENTS.md', 'AGENTS.md': 'words' }
  expect(received('claude', files, { folder: '' }).start.map((piece) => piece.path)).toEqual(['CLAUDE.md', 'AGENTS.md'])
  const inside = received('claude', files, { folder: 'a' })
  expect([inside.start.map((piece) => piece.path), inside.lost.map((loss) => `${loss.path} ${loss.reason}`)]).toEqual([
    ['CLAUDE.md'],
    ['AGENTS.md outside-folder', 'AGENTS.md hidden'],
  ])
})

test('rules with paths arrive when a matching file is touched', () => {
  const files = {
    '.claude/rules/ts.md': '---\npaths: ["a/**/*.ts"]\n---\n- Rule [one]\n',
    '.cursor/rules/ts.mdc': '---\nglobs: a/**/*.ts\nalwaysApply: false\n---\n- Rule [one]\n',
  }
  for (const agent of ['claude', 'cursor'] as const) {
    expect(received(agent, files, { folder: '', file: 'a/x.ts' }).later.map((piece) => piece.text)).toEqual(['- Rule [one]\n'])
    expect(received(agent, files, { folder: '', file: 'b/x.ts' }).later).toEqual([])
  }
})

test('imports in a circle end', () => {
  const files = { 'GEMINI.md': '@a.md', 'a.md': '@b.md', 'b.md': '@a.md', 'CLAUDE.md': '@a.md' }
  expect(received('gemini', files, { folder: '' }).start).toHaveLength(1)
  expect(received('claude', files, { folder: '' }).start.map((piece) => piece.path)).toEqual(['CLAUDE.md', 'a.md', 'b.md'])
})

test('mentions in code, addresses and absolute paths are no imports', () => {
  const text = 'see @a.md, `@code.md` me@x.md @/etc/passwd @~/x\n```\n@fenced.md\n```\n@last.md'
  expect(importMentions(text, 'docs/x.md').map((mention) => mention.path)).toEqual(['docs/a.md,', 'docs/last.md'])
})

test('comments on lines of their own vanish for Claude Code, others stay', () => {
  const text =
    'A\n\n<!-- one -->\n\nB\n<!-- two\nlines -->\nC <!-- inline -->\n```\n<!-- fenced -->\n```\n- item\n  <!-- in a list -->\n<div>\n<!-- in HTML -->\n</div>\n'
  expect(changeText(text, ['strip-comments'])).toBe(
    'A\n\nB\nC <!-- inline -->\n```\n<!-- fenced -->\n```\n- item\n  <!-- in a list -->\n<div>\n<!-- in HTML -->\n</div>\n',
  )
})

test('a rule of Copilot without globs in one line is told as one that arrives at no time', () => {
  const files = {
    '.github/instructions/line.instructions.md': '---\napplyTo: "{a,b}/**, c/**"\n---\nline',
    '.github/instructions/list.instructions.md': '---\napplyTo: ["a/**"]\n---\nlist',
    '.github/instructions/none.instructions.md': 'none',
  }
  const { start, later, lost } = received('copilot', files, { folder: '', file: 'a/x.ts' })
  expect([start, later.map(({ text }) => text), lost.map(({ reason, text }) => [reason, text.slice(-4)])]).toEqual([
    [],
    ['line'],
    [
      ['not-read', 'list'],
      ['not-read', 'none'],
    ],
  ])
})

test('globs of Cursor without quotes are read as they stand', () => {
  const files = { '.cursor/rules/a.mdc': '---\nglobs: {a,b}/**, c/**\nalwaysApply: false\n---\nwords' }
  expect(received('cursor', files, { folder: '', file: 'b/x.ts' }).later.map(({ text }) => text)).toEqual(['words'])
})
