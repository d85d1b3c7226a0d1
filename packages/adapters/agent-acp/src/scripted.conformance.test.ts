import { agentConformance } from '@coxswain/agents/testing'
import { scriptedTarget } from './testing/scripted-target.ts'

agentConformance(scriptedTarget)
