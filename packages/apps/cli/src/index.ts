export { app } from './app.ts'
export { runCli } from './run-cli.ts'
