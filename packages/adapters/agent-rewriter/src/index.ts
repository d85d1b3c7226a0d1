export { createRewriterBackend } from './rewriter-backend.ts'
