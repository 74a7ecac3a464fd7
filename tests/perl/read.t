# SPDX-License-Identifier: MIT
use strict;
use warnings;

use Smoke;
use Test::More;

subtest own_process => sub {
    my $text = slurp '/proc/self/timens_offsets';
    is_deeply own(), { map { $_ => [ $text =~ /^$_ +(-?\d+) +(\d+)$/m ] } qw(boottime monotonic) };
};

subtest child_equals_own_plus_asked => sub {
    my %asked = ( boottime => [ 86400, 600000000 ], monotonic => [ -1, 999999999 ] );
    my ( $pid, $pidfd ) = start( [ 'sleep', '1000' ], offsets => offsets(%asked) );
    my @read = Timens::Core::read($pid);
    my $sum = add( own(), \%asked );
    is_deeply \@read, [ map { @{ $sum->{$_} } } qw(boottime monotonic) ];
    Timens::Core::kill( $pid, $pidfd, 9 );
    finish( $pid, $pidfd );
};

subtest no_such_process => sub {
    my @failed = failure { Timens::Core::read(4194305) };
    is_deeply [ @failed[ 0, 1 ] ], [ $ERRNO{ESRCH}, 'read' ];
    like $failed[2], qr/process 4194305/;
};

done_testing;
