export { createAcpBackend, type AcpBackendOptions } from './acp-backend.ts'
