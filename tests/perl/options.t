# SPDX-License-Identifier: MIT
# That the numbers stand where the core reads them.
use strict;
use warnings;

use Smoke;
use Test::More;

subtest file_mode_mask => sub {
    my $numbers = numbers( flags => $Timens::Core::SPAWN_SET_UMASK, umask => 027 );
    is +( output( [ 'sh', '-c', 'umask' ], numbers => $numbers ) )[0], "0027\n";
};

subtest niceness => sub {
    my ($before) = output( ['nice'] );
    is +( output( ['nice'], numbers => numbers( nice => 3 ) ) )[0], $before + 3 . "\n";
};

subtest signal_mask_and_ignored_set => sub {
    my $numbers = numbers(
        flags     => $Timens::Core::SPAWN_SET_SIGMASK,
        sigmask   => 1 << 14,
        sigignore => 1 << 1,
    );
    my ($status) = output( [ 'cat', '/proc/self/status' ], numbers => $numbers );
    my ( $blocked, $ignored ) = map { hex } $status =~ /^Sig(?:Blk|Ign):\s+\w{8}(\w{8})$/mg;
    is $blocked, 1 << 14;
    is $ignored & 1 << 1, 1 << 1;
};

done_testing;
