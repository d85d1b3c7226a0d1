import { noUsage } from '@coxswain/agents'
import type { RunProgress } from './run-progress.ts'

/** A run before its first step. */
export function firstProgress(mayLand: boolean, acceptsRedBase = false): RunProgress {
  return {
    state: 'queued',
    outcome: null,
    reason: null,
    next: { kind: 'prepare', base: null, tree: null, then: { kind: 'turn', prompt: { kind: 'task', reworkReason: null } } },
    leg: 1,
    base: null,
    head: null,
    tree: null,
    landed: null,
    session: 1,
    resumeToken: null,
    restarts: 0,
    model: null,
    turns: 0,
    gateFailures: 0,
    repairs: 0,
    lastFailure: null,
    conflictPaths: [],
    conflictRepairs: 0,
    agentRetries: 0,
    approvedTree: null,
    mayLand,
    acceptsRedBase,
    usage: noUsage,
    costUsd: null,
    activeMs: 0,
  }
}
