import { agentConformance } from '@coxswain/agents/testing'
import { codexTarget } from './testing/codex-target.ts'

agentConformance(codexTarget)
