import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Not on the internet: this machine, networks of companies and homes, documentation, multicast, and what carries such an address inside. */
const ranges = [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16',
  '198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3',
  '::/8 64:ff9b::/32 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/9 ff00::/8',
].flatMap((line) => line.split(' '))

/** One for each family: a list takes an address of the fourth for one of the sixth that is mapped. */
const notPublic = { ipv4: new BlockList(), ipv6: new BlockList() }
for (const range of ranges) {
  const [network = '', prefix = ''] = range.split('/')
  const family = familyOf(network)
  notPublic[family].addSubnet(network, Number(prefix), family)
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/** This machine may have public addresses, too: what listens there would be reached as from outside. */
export function isPublicAddress(address: string): boolean {
  const family = familyOf(address)
  if (isIP(address) === 0 || notPublic[family].check(address, family)) return false
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return !own.some((one) => one.address === address)
}
