# SPDX-License-Identifier: MIT
# That what is asked for stands where the core reads it.
use strict;
use warnings;

use Smoke;
use Test::More;

subtest file_mode_mask => sub {
    my %asked = ( flags => $Timens::Core::SPAWN_SET_UMASK, umask => 027 );
    is +( output( [ 'sh', '-c', 'umask' ], %asked ) )[0], "0027\n";
};

subtest niceness => sub {
    my ($before) = output( ['nice'] );
    is +( output( ['nice'], nice => 3 ) )[0], $before + 3 . "\n";
};

subtest signal_mask_and_ignored_set => sub {
    my %asked = (
        flags     => $Timens::Core::SPAWN_SET_SIGMASK,
        sigmask   => 1 << 14,
        sigignore => 1 << 1,
    );
    my ($status) = output( [ 'cat', '/proc/self/status' ], %asked );
    my ( $blocked, $ignored ) = map { hex } $status =~ /^Sig(?:Blk|Ign):\s+\w{8}(\w{8})$/mg;
    is $blocked, 1 << 14;
    is $ignored & 1 << 1, 1 << 1;
};

done_testing;
