/** How one kind of program calls the kernel: its mark in the filter's data, and the numbers of what is refused. */
interface Machine {
  readonly mark: number
  readonly ioctl: number
  readonly socket: number
  /** add_key, request_key, keyctl: the keyrings of the person who started us. */
  readonly keys: readonly number[]
  /** Numbers from here on are a second way to the same calls (x32). */
  readonly otherWay: number | null
}

/** The first is that of the machine itself, the second of its 32-bit programs. */
const machines: Readonly<Record<string, readonly [Machine, Machine]>> = {
  x64: [
    { mark: 0xc000003e, ioctl: 16, socket: 41, keys: [248, 249, 250], otherWay: 0x40000000 },
    { mark: 0x40000003, ioctl: 54, socket: 359, keys: [286, 287, 288], otherWay: null },
  ],
  arm64: [
    { mark: 0xc00000b7, ioctl: 29, socket: 198, keys: [217, 218, 219], otherWay: null },
    { mark: 0x40000028, ioctl: 54, socket: 281, keys: [309, 310, 311], otherWay: null },
  ],
}

/** TIOCSTI and TIOCLINUX: both put words into a terminal as if a person had typed them. */
const typingRequests = [0x5412, 0x541c]
/** It makes sockets without a call that a filter sees. */
const ioUring = 425
const families = { unix: 1, netlink: 16 }

const load = 0x20
const jumpIfEqual = 0x15
const jumpIfAtLeast = 0x35
const end = 0x06
const [allowed, refused] = [0x7fff0000, 0x00050001]
/** Where the kernel shows the machine, the number of the call and its arguments. */
const at = { machine: 4, number: 0, first: 16, second: 24 }

/** Beside keyrings and terminals: sockets with names on this machine, or all but those that ask the kernel. */
export type FilterKind = 'keys' | 'no-local-sockets' | 'no-sockets'

/** The program that Linux runs at each system call (classic BPF); null for a machine whose numbers are not known here. */
export function seccompFilter(machine: string, kind: FilterKind = 'keys'): Buffer | null {
  const known = machines[machine]
  if (known === undefined) return null
  // 32-bit programs have one more way to sockets, and few need them where namespaces are forbidden.
  const served = kind === 'keys' ? known : known.slice(0, 1)
  const instructions = [
    [load, 0, 0, at.machine] as const,
    ...served.flatMap((one) => blockOf(one, kind)),
    [end, 0, 0, refused] as const,
  ]
  const bytes = Buffer.alloc(instructions.length * 8)
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(ifTrue, index * 8 + 2)
    bytes.writeUInt8(ifFalse, index * 8 + 3)
    bytes.writeUInt32LE(value, index * 8 + 4)
  }
  return bytes
}

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number]

/** `leadsTo`: where to go when it holds. Else the next instruction is looked at, or `skip` of them are left out. */
interface Test {
  readonly code: number
  readonly value: number
  readonly leadsTo?: 'refuse' | 'allow'
  readonly skip?: number
}

/** Every way out of a block is in it: its last two instructions allow and refuse. */
function blockOf(machine: Machine, kind: FilterKind): Instruction[] {
  const tests = [{ code: load, value: at.number }, ...testsOf(machine, kind)]
  const length = tests.length + 2
  const body = tests.map(({ code, value, leadsTo, skip = 0 }, index): Instruction => {
    const target = leadsTo === 'refuse' ? length - 1 : length - 2
    return [code, leadsTo === undefined ? 0 : target - index - 1, skip, value]
  })
  const block: Instruction[] = [...body, [end, 0, 0, allowed], [end, 0, 0, refused]]
  return [[jumpIfEqual, 0, block.length, machine.mark], ...block]
}

function testsOf({ otherWay, keys, ioctl, socket }: Machine, kind: FilterKind): Test[] {
  const refuse = (value: number): Test => ({ code: jumpIfEqual, value, leadsTo: 'refuse' })
  return [
    ...(otherWay === null ? [] : [{ code: jumpIfAtLeast, value: otherWay, leadsTo: 'refuse' } as const]),
    ...[...keys, ...(kind === 'keys' ? [] : [ioUring])].map(refuse),
    ...argumentTests(ioctl, at.second, typingRequests.map(refuse)),
    ...(kind === 'no-local-sockets' ? argumentTests(socket, at.first, [refuse(families.unix)]) : []),
    ...(kind === 'no-sockets'
      ? argumentTests(socket, at.first, [
          { code: jumpIfEqual, value: families.netlink, leadsTo: 'allow' },
          { code: jumpIfAtLeast, value: 0, leadsTo: 'refuse' },
        ])
      : []),
  ]
}

/** Tests of an argument of one call; the number is there again after them. */
function argumentTests(call: number, argument: number, tests: readonly Test[]): Test[] {
  return [
    { code: jumpIfEqual, value: call, skip: tests.length + 2 },
    { code: load, value: argument },
    ...tests,
    { code: load, value: at.number },
  ]
}
