import { agentConformance } from '@coxswain/agents/testing'
import { privateGitCase } from '@coxswain/testing'
import { claudeTarget, openClaudeWorld } from './testing/claude-target.ts'
import { claudeWithoutSandboxTarget } from './testing/claude-without-sandbox.ts'

agentConformance(claudeTarget)
agentConformance(claudeWithoutSandboxTarget)
privateGitCase(claudeTarget, openClaudeWorld)
