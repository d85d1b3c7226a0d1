# Runs a command with a terminal of its own on its input. Arguments: the number of setsid, the command.
use strict;
my $setsid = shift @ARGV;
open(my $master, '+<', '/dev/ptmx') or die "ptmx: $!\n";
my ($unlock, $number) = (pack('i', 0), pack('i', 0));
ioctl($master, 0x40045431, $unlock) or die "unlock: $!\n";
ioctl($master, 0x80045430, $number) or die "number: $!\n";
my $child = fork() // die "fork: $!\n";
if ($child == 0) {
    syscall($setsid + 0);
    open(STDIN, '+<', '/dev/pts/' . unpack 'i', $number) or die "pts: $!\n";
    exec { $ARGV[0] } @ARGV or die "exec: $!\n";
}
waitpid $child, 0;
exit($? >> 8);
