import { agentConformance } from '@coxswain/agents/testing'
import { geminiTarget } from './testing/gemini-target.ts'

agentConformance(geminiTarget)
