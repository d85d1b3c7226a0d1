export { parseScript, type Action, type Script } from './script.ts'
