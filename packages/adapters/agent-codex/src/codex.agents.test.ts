import { agentConformance } from '@coxswain/agents/testing'
import { privateGitCase } from '@coxswain/testing'
import { codexAloneTarget } from './testing/codex-alone.ts'
import { codexTarget, openCodexWorld } from './testing/codex-target.ts'

agentConformance(codexTarget)
agentConformance(codexAloneTarget)
privateGitCase(codexTarget, openCodexWorld)
