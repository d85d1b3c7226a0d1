export { createCodexBackend, type CodexBackendOptions } from './create-codex-backend.ts'
