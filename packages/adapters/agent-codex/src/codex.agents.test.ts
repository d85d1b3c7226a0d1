import { agentConformance } from '@coxswain/agents/testing'
import { codexAloneTarget } from './testing/codex-alone.ts'
import { codexTarget } from './testing/codex-target.ts'

agentConformance(codexTarget)
agentConformance(codexAloneTarget)
