# SPDX-License-Identifier: MIT
use strict;
use warnings;

use Smoke;
use Test::More;

my $DAY = 86400;

sub shows {
    my (%asked) = @_;
    my ($shown) = clocks( \%asked );
    is_deeply $shown, add( own(), \%asked );
}

subtest both_clocks => sub {
    shows boottime => [ 49 * $DAY, 0 ], monotonic => [ 7 * $DAY, 0 ];
};

subtest boottime_alone => sub {
    shows boottime => [ 49 * $DAY, 5 ];
};

subtest monotonic_alone => sub {
    shows monotonic => [ 49 * $DAY, 5 ];
};

subtest both_signs => sub {
    shows boottime => [ -1, 0 ], monotonic => [ $DAY, 0 ];
    shows boottime => [ -1, 1 ], monotonic => [ -1, 999999999 ];
};

subtest nanoseconds_exact => sub {
    shows boottime => [ 0,       1 ],         monotonic => [ 1000000, 37 ];
    shows boottime => [ 4294967, 295999999 ], monotonic => [ 0,       999999999 ];
};

my @namespace = ( 'readlink', '-n', '/proc/self/ns/time' );

subtest zero_offsets_make_a_namespace => sub {
    my ($namespace) = output( \@namespace, offsets => offsets() );
    like $namespace, qr/^time:\[\d+\]$/;
    isnt $namespace, readlink '/proc/self/ns/time';
};

subtest no_offsets_make_none => sub {
    is +( output( \@namespace ) )[0], readlink '/proc/self/ns/time';
};

done_testing;
