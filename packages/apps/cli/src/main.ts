#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import process from 'node:process'
import './node-22/install.ts'

// Most calls are short and frequent: a compile cache halves their start.
enableCompileCache()
const { runCli } = await import('./run-cli.ts')
await runCli(process.argv.slice(2))
