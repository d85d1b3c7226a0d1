import process from 'node:process'
import { createFactTree, openCache } from '@coxswain/facts'
import { openSession } from '../engine/check-session.ts'
import { readProtected } from '../extra/git-changes.ts'

// A program of its own, started by `lookFirst` alone: its argument is the root of a worktree.
const root = process.argv[2] ?? ''
const cache = openCache(root)
const session = await openSession({
  tree: createFactTree(root, cache),
  before: () => readProtected(root, 'HEAD'),
})
session.save()
cache?.close()
