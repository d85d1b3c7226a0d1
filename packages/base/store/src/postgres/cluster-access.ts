import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Unprivileged } from './unprivileged.ts'

/** Owns the cluster; it sets up roles and does nothing else. */
export const ownerRole = 'coxswain'
/** Owns the database and can do nothing outside of it. */
export const appRole = 'app'
export const databaseName = 'coxswain'

const accessRules = `# Written by Coxswain: each role gives its password, and each line names one role.
local all ${ownerRole} scram-sha-256
local ${databaseName} ${appRole} scram-sha-256
`

/** Who may connect, and how: replaced as a whole, read by the server's account. */
export async function writeAccessRules(cluster: string, user: Unprivileged): Promise<void> {
  const staging = join(cluster, `pg_hba.${randomUUID()}.tmp`)
  try {
    await writeFile(staging, accessRules, { mode: 0o600, flush: true })
    await user.own(staging)
    await rename(staging, accessFile(cluster))
  } finally {
    await rm(staging, { force: true })
  }
}

export async function hasAccessRules(cluster: string): Promise<boolean> {
  return (await readFile(accessFile(cluster), 'utf8').catch(() => '')) === accessRules
}

function accessFile(cluster: string): string {
  return join(cluster, 'pg_hba.conf')
}
