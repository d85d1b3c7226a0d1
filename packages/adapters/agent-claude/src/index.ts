export { createClaudeBackend, type ClaudeBackendOptions } from './create-claude-backend.ts'
