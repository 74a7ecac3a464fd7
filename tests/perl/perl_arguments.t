# SPDX-License-Identifier: MIT
# Scalars as arguments, and what is not taken for one.
use strict;
use warnings;

use Smoke;
use Test::More;

sub dies {
    my ( $call, $part ) = @_;
    like +( &failure($call) )[0], qr/^\Q$part/;
}

subtest strings => sub {
    is +( output( [ 'printf', '%s-%s', 12, "\xe9" ] ) )[0], "12-\xe9";
    my $upgraded = "\xe9";
    utf8::upgrade($upgraded);
    is +( output( [ 'printf', $upgraded ] ) )[0], "\xe9";
    dies sub { start( [ 'echo', "\x{20ac}" ] ) }, 'Wide character';
    dies sub { start( ["ec\0ho"] ) }, 'argv: has a zero byte inside';
    dies sub { start( ['echo'], cwd => "/\0" ) }, 'cwd: has a zero byte inside';
};

subtest lists => sub {
    dies sub { start('echo') }, 'argv: expected a reference to an array';
    dies sub { start( {} ) }, 'argv: expected a reference to an array';
    dies sub { start( [ 'echo', undef ] ) }, 'argv: element 1 is undefined';
    is +( output( ['env'], file => '/usr/bin/env', env => ['NAME=value'] ) )[0], "NAME=value\n";
    is +( output( [ map { $_ ? 'x' : 'echo' } 0 .. 5000 ] ) )[0], 'x ' x 4999 . "x\n";
};

subtest many_failures_leave_no_memory => sub {
    my $size = sub { slurp('/proc/self/status') =~ /^VmRSS:\s+(\d+)/m ? $1 : die };
    my $fail = sub {
        for ( 1 .. shift ) {
            failure { start( [ 'x' x 1000, undef ] ) };
            failure { start( [ '/no/such/program', ('x') x 1000 ] ) };
        }
    };
    $fail->(100);
    my $before = $size->();
    $fail->(1000);
    cmp_ok $size->() - $before, '<', 1024;
};

done_testing;
